// The layer rule: an arrow may only point down. `npm run check` runs it and fails when fewer modules are read than exist.
// A failing rule says what to do in its comment.

/** Folders by tier, lowest first; a folder may import every folder of a lower tier. */
const TIERS = [
  ['base', 'gen'],
  ['record', 'merkle'],
  ['identity', 'seal', 'policy', 'store', 'transport'],
  ['ledger', 'exchange'],
  ['lifecycle'],
  ['desk', 'hub', 'hotline', 'screening', 'interop'],
  ['node'],
  ['cli'],
];

/** Imports inside one tier that are allowed, and lower ones that are not. */
const SIDEWAYS = { seal: ['identity'], policy: ['identity'], exchange: ['ledger'] };
const NEVER = { transport: ['record'] };

const folder = (name) => `^src/${name}/`;

const layerRules = TIERS.flatMap((tier, height) =>
  tier.map((name) => {
    const lower = TIERS.slice(0, height).flat();
    const allowed = [name, ...lower, ...(SIDEWAYS[name] ?? [])].filter(
      (one) => !(NEVER[name] ?? []).includes(one),
    );
    return {
      name: `layer-${name}`,
      severity: 'error',
      comment:
        `src/${name} may import only ${allowed.join(', ')}. Declare what you need of a higher or sideways folder as a small ` +
        'interface in your own ports.ts; src/node joins the two.',
      from: { path: folder(name) },
      to: { path: '^src/', pathNot: `^src/(${allowed.join('|')})/` },
    };
  }),
);

/** A second face of a folder: without what a browser cannot load, or with what a node need not. */
const FACES = {
  record: '^src/record/identifiers/index\\.ts$',
  screening: '^src/screening/batch/index\\.ts$',
};

const indexRules = TIERS.flat()
  .filter((name) => !['base', 'gen'].includes(name))
  .map((name) => ({
    name: `index-${name}`,
    severity: 'error',
    comment: `Other folders import src/${name}/index.ts only; export there what is needed, by name.`,
    from: { path: '^src/', pathNot: folder(name) },
    to: {
      path: folder(name),
      pathNot: [`^src/${name}/index\\.ts$`, ...(name in FACES ? [FACES[name]] : [])],
    },
  }));

const fence = (name, packages, places, remedy) => ({
  name: `fence-${name}`,
  severity: 'error',
  comment: remedy,
  from: { path: '^src/', pathNot: places },
  to: { path: packages },
});

module.exports = {
  forbidden: [
    ...layerRules,
    ...indexRules,
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files need each other: move what both need into a third, or pass it in.',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-tests-in-src',
      severity: 'error',
      comment: 'The program never imports its tests; move the shared piece into src or pass it in.',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-test-imports-test',
      severity: 'error',
      comment: 'A test imports src, test/support or an exported contract suite, never another test.',
      from: { path: '^test/' },
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'no-orphans-of-npm',
      severity: 'error',
      comment: 'Add the package to package.json with its exact version.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'no-dev-packages',
      severity: 'error',
      comment: 'A development dependency is not there in production; move it to dependencies.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    fence(
      'forge',
      'node_modules/node-forge',
      '^src/identity/authority',
      'node-forge makes certificates in identity/authority*.ts only; verify with node:crypto.',
    ),
    fence(
      'nats',
      'node_modules/(nats|nkeys\\.js)/',
      '^src/transport/broker/',
      'The NATS client stays behind the Broker port in transport/broker/.',
    ),
    fence(
      'cedar',
      'node_modules/@cedar-policy',
      '^src/policy/engine',
      'Cedar is called from policy/engine*.ts only.',
    ),
    fence(
      'kysely',
      '(node_modules/(kysely|pg)/|^node:sqlite$|^sqlite$)',
      '^src/store/',
      'Databases are reached through store/ only.',
    ),
    fence('hpke', 'node_modules/hpke', '^src/seal/', 'HPKE is used in seal/ only.'),
    fence(
      'grpc',
      'node_modules/(@grpc|grpc-health-check)',
      '^src/(transport|desk/grpc|node)/',
      'grpc-js is used in transport/, desk/grpc/ and node/ only.',
    ),
    fence(
      'fastify',
      'node_modules/(fastify|@fastify)/',
      '^src/desk/http/',
      'The HTTP server is built in desk/http/ only.',
    ),
    fence(
      'sign-in',
      'node_modules/(@simplewebauthn/server|otpauth|openid-client)/',
      '^src/desk/sign-in/',
      'Passkeys, one-time codes and tokens of an OpenID provider are judged in desk/sign-in/ only.',
    ),
    fence('cli', 'node_modules/commander', '^src/cli/', 'Command-line packages are used in cli/ only.'),
    fence(
      'files',
      '^(node:)?fs(/promises)?$',
      '^src/(store|node|cli)/|^src/identity/(keyring|secret|prekey)',
      'Files are read and written in store, identity/keyring, node and cli; take bytes as a parameter.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    includeOnly: undefined,
    tsPreCompilationDeps: true,
    parser: 'swc',
    exclude: { path: '^src/console/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
