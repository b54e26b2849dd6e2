import { describe, expect, it } from 'vitest';
import { fromPostgres } from '../../../src/store/dialect/postgres-errors.ts';
import { describePostgres, postgresPlace, tlsOf } from '../../../src/store/dialect/postgres-url.ts';

describe('the URL of a store on PostgreSQL', () => {
  it('names a server, a socket, a schema', () => {
    expect(postgresPlace('postgres://tocsin@db.example.org:6432/hub')).toMatchObject({
      host: 'db.example.org',
      port: 6432,
      user: 'tocsin',
      database: 'hub',
      schema: 'public',
    });
    expect(tlsOf(postgresPlace('postgres://tocsin@db.example.org:6432/hub'))).toEqual({
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      servername: 'db.example.org',
    });
    expect(tlsOf(postgresPlace('postgres://tocsin@192.0.2.1/hub'))).not.toHaveProperty('servername');
    const socket = postgresPlace(
      'postgres:///hub?host=/run/postgresql&user=tocsin&options=-csearch_path%3Dxa',
    );
    expect(socket).toEqual({
      host: '/run/postgresql',
      port: 5432,
      user: 'tocsin',
      database: 'hub',
      schema: 'xa',
    });
    expect(postgresPlace('postgresql://a@%2Frun%2Fpostgresql/hub').host).toBe('/run/postgresql');
    expect(postgresPlace('postgres://a@127.0.0.1/hub').tls).toBeUndefined();
    expect(describePostgres('postgres://tocsin@localhost/hub')).toBe(
      'PostgreSQL, database hub at localhost:5432',
    );
  });

  it.each([
    ['no URL', 'store.sqlite'],
    ['another kind of URL', 'mysql://a@localhost/hub'],
    ['no database', 'postgres://a@localhost/'],
    ['two databases', 'postgres://a@localhost/hub/other'],
    ['a password', 'postgres://a:s3cret@localhost/hub'],
    ['a password as a parameter', 'postgres://a@localhost/hub?password=s3cret'],
    ['an unknown parameter', 'postgres://a@localhost/hub?sslmod=verify-full'],
    ['a parameter twice', 'postgres://a@localhost/hub?port=1&port=2'],
    ['a port that is none', 'postgres://a@localhost/hub?port=99999'],
    ['a schema that would be SQL', 'postgres://a@localhost/hub?options=-csearch_path%3Dx;drop'],
    ['other options', 'postgres://a@localhost/hub?options=-cfsync%3Doff'],
    ['plain text to another machine', 'postgres://a@db.example.org/hub?sslmode=disable'],
    ['a server that nobody verifies', 'postgres://a@db.example.org/hub?sslmode=require'],
    ['a certificate that is not there', 'postgres://a@db.example.org/hub?sslrootcert=/nowhere/s3cret.pem'],
    ['a certificate somewhere', 'postgres://a@db.example.org/hub?sslrootcert=s3cret.pem'],
  ])('is refused with %s, and never repeated', (_what, url) => {
    let message = '';
    try {
      tlsOf(postgresPlace(url));
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_CANNOT_OPEN', retry: 'no' });
      message = (error as Error).message;
    }
    expect(message).toMatch(/^the URL of the store is wrong: expected /);
    expect(message).not.toContain('s3cret');
  });
});

describe('errors of PostgreSQL', () => {
  const answer = (code: string, severity = 'ERROR') =>
    Object.assign(new Error('Key (note)=(content) already exists.'), { code, severity, detail: 'content' });

  it.each([
    ['23505', 'UNIQUE_VIOLATION', 'no'],
    ['23503', 'REFERENCE_VIOLATION', 'no'],
    ['23502', 'CONSTRAINT_VIOLATION', 'no'],
    ['22003', 'CONSTRAINT_VIOLATION', 'no'],
    ['53100', 'STORE_FULL', 'later'],
    ['53300', 'STORE_BUSY', 'later'],
    ['57014', 'STORE_BUSY', 'later'],
    ['40P01', 'STORE_BUSY', 'later'],
    ['57P01', 'STORE_UNAVAILABLE', 'later'],
    ['08006', 'STORE_UNAVAILABLE', 'later'],
    ['28P01', 'STORE_CANNOT_OPEN', 'no'],
    ['3D000', 'STORE_CANNOT_OPEN', 'no'],
    ['42501', 'STORE_CANNOT_OPEN', 'no'],
    ['58030', 'STORE_IO', 'fatal'],
    ['XX001', 'STORE_CORRUPT', 'fatal'],
    ['42601', 'STATEMENT_FAILED', 'no'],
  ])('have a code of ours: %s is %s', (state, code, retry) => {
    const error = fromPostgres(answer(state));
    expect(error).toMatchObject({ code, retry, facts: { engineCode: state } });
    expect(JSON.stringify(error) + String(error)).not.toContain('content');
    expect(error).not.toHaveProperty('cause');
  });

  it('tell a line that broke from a server that is not believed', () => {
    const node = (code: string) => Object.assign(new Error('of the system'), { code });
    expect(fromPostgres(node('ECONNRESET'))).toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later' });
    expect(fromPostgres(new Error('Connection terminated unexpectedly'))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED'])
      expect(fromPostgres(node(code))).toMatchObject({ code: 'STORE_CANNOT_OPEN', retry: 'no' });
    expect(fromPostgres(new Error('The server does not support SSL connections'))).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
    });
  });
});
