/** The OpenAPI 3.1 document of the desk's HTTP API, made from the contracts that judge the requests. */
import { z } from 'zod';
import * as contract from './contract.ts';
import { API } from './verbs.ts';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): unknown => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
};

const jsonBody = (schema: unknown) => ({ content: { 'application/json': { schema } } });

const problem = { description: 'No success', ...jsonBody({ $ref: '#/components/schemas/Problem' }) };

const purpose = {
  name: 'tocsin-purpose',
  in: 'header',
  required: false,
  description:
    'What the officer asks for, as `customs-control`: one of the desk group. Absent = any of them.',
  schema: { type: 'string' },
};
const mode = {
  name: 'tocsin-mode',
  in: 'header',
  required: false,
  description: 'The world that the call works in.',
  schema: { type: 'string', enum: ['live', 'exercise'] },
};

export function openApiDocument(version: string): object {
  const paths: Record<string, unknown> = {};
  for (const [name, verb] of Object.entries(contract.VERBS)) {
    if (verb.kind !== 'unary') continue;
    const [service = ''] = name.split('/');
    paths[`${API}/${name}`] = {
      post: {
        operationId: name.replace('/', '_'),
        tags: [service],
        summary: verb.summary,
        parameters: [purpose, mode],
        requestBody: { required: true, ...jsonBody(schemaOf(verb.request, 'input')) },
        responses: {
          200: { description: 'The answer', ...jsonBody(schemaOf(verb.response, 'output')) },
          default: problem,
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin desk',
      version,
      description:
        'The agency’s API of one node as JSON: the verbs of tocsin.desk.v1 with the same rules, roles and audit as over gRPC. Signed in by a session cookie.',
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }],
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: contract.COOKIE } },
      schemas: { Problem: schemaOf(contract.Problem, 'output') },
    },
  };
}
