/** Metrics and health of a node for its operator: Prometheus text and JSON over HTTP on loopback. Labels are codes and node ids, never content. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface NodeMetrics {
  readonly registry: Registry;
  readonly parcelsSent: Counter<'partner' | 'lane'>;
  readonly itemsDelivered: Counter<'partner' | 'outcome'>;
  readonly itemsReceived: Counter<'partner' | 'outcome'>;
  readonly refusals: Counter<'reason'>;
  readonly gaps: Counter<'partner'>;
  readonly alarms: Counter<'code'>;
  readonly failures: Counter<'what'>;
  readonly brokerUp: Gauge;
}

export function createMetrics(node: string): NodeMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ node });
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `tocsin_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  return {
    registry,
    parcelsSent: counter('parcels_sent_total', 'Parcels published, repeats included.', ['partner', 'lane']),
    itemsDelivered: counter('items_delivered_total', 'Items closed by a signed receipt.', [
      'partner',
      'outcome',
    ]),
    itemsReceived: counter('items_received_total', 'Items taken from partners.', ['partner', 'outcome']),
    refusals: counter('refusals_total', 'What was refused, by reason.', ['reason']),
    gaps: counter('gaps_total', 'Gaps seen in a link.', ['partner']),
    alarms: counter('alarms_total', 'Alarms raised.', ['code']),
    failures: counter('failures_total', 'Own work that failed and is tried again.', ['what']),
    brokerUp: new Gauge({
      name: 'tocsin_broker_up',
      help: '1 while the broker is connected.',
      registers: [registry],
    }),
  };
}

export interface Health {
  readonly ok: boolean;
  readonly [fact: string]: unknown;
}

/** Serves `/metrics` and `/health` (200 or 503). Port 0 = any; the bound port is in the result. */
export async function serveMetrics(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: NodeMetrics;
  readonly health: () => Health;
}): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET') {
      response.writeHead(405).end();
    } else if (request.url === '/health') {
      const health = options.health();
      response
        .writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' })
        .end(JSON.stringify(health));
    } else if (request.url === '/metrics') {
      options.metrics.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': options.metrics.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
