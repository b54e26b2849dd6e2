/** Which roles work at which desks, as invitations offer them. */
export const ROLES = [
  'officer',
  'releaser',
  'analyst',
  'operator',
  'controller',
  'administrator',
  'auditor',
  'observer',
] as const;
export const GROUPS = ['POLICE', 'CUSTOMS', 'LICENSING', 'MILITARY', 'BORDER', 'HOTLINE', 'HUB', 'REGISTER'];

/** Whether a role works in a desk group; the node holds to the same, and forms offer no more. */
export const fits = (role: string, deskGroup: string): boolean => {
  if (role === 'analyst') return deskGroup === 'HUB';
  if (role === 'operator' || role === 'controller') return deskGroup === 'HOTLINE';
  return deskGroup !== 'HOTLINE' || (role !== 'officer' && role !== 'releaser');
};
