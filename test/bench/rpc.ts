export const rpcBench = { name: 'rpc', open: async () => [] };
