export const exchangeBench = { name: 'exchange', open: async () => [] };
