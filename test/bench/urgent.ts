export const urgentBench = { name: 'urgent', open: async () => [] };
