import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface KeyPair {
  /** PEM */
  readonly cert: string;
  /** PEM, PKCS #8 */
  readonly key: string;
}

export interface CertificateRequest {
  /** The user name, for a client certificate. */
  readonly commonName: string;
  /** The groups, for a client certificate. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses, for a server certificate. */
  readonly hosts?: readonly string[];
  /** Seconds until it expires; a day unless told. */
  readonly expiresInSeconds?: number;
}

/** A certificate authority that lives as long as one testbed. */
export class Authority {
  readonly certificate: string;
  readonly #issuer: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(issuer: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#issuer = issuer;
    this.#keys = keys;
    this.certificate = issuer.toString('pem');
  }

  static async create(commonName: string): Promise<Authority> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const issuer = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ CN: [commonName] }],
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 30 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Authority(issuer, keys);
  }

  /** An authority saved by another process of the same testbed. */
  static async load(folder: string): Promise<Authority> {
    const [certificate, key] = await Promise.all([
      readFile(join(folder, 'ca.crt'), 'utf8'),
      readFile(join(folder, 'ca.key'), 'utf8'),
    ]);
    const issuer = new x509.X509Certificate(certificate);
    const [der] = x509.PemConverter.decode(key);
    if (!der) throw new Error(`${folder}/ca.key holds no key`);
    const privateKey = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
    return new Authority(issuer, { privateKey, publicKey: await issuer.publicKey.export(ALGORITHM, ['verify']) });
  }

  async save(folder: string): Promise<void> {
    await Promise.all([
      writeFile(join(folder, 'ca.crt'), this.certificate),
      writeFile(join(folder, 'ca.key'), await privatePem(this.#keys.privateKey), { mode: 0o600 }),
    ]);
  }

  /** Fit for a server and for a client, so that one call serves both. */
  async issue(request: CertificateRequest): Promise<KeyPair> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const hosts = (request.hosts ?? []).map((value) => ({
      type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const),
      value,
    }));
    const cert = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [
        ...(request.organizations ?? []).map((organization) => ({ O: [organization] })),
        { CN: [request.commonName] },
      ],
      issuer: this.#issuer.subjectName,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + (request.expiresInSeconds ?? DAY_MS / 1000) * 1000),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
        ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts)] : []),
      ],
    });
    return { cert: cert.toString('pem'), key: await privatePem(keys.privateKey) };
  }
}

/** A positive number (RFC 5280 4.1.2.2), so the first bit is cleared. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString('hex');
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
