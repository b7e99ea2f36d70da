import { readFile } from 'node:fs/promises';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { ClusterAccess } from './access.ts';
import { printable } from './printable.ts';

/** A plugin that asks something in a browser would wait for ever. */
const PLUGIN_DEADLINE_MS = 30_000;

export interface Proof {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** PEM pair that the plugin gave, or that stands in the kubeconfig. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
}

/** Holds what proves who we are, and gets it anew where the kubeconfig says how. */
export class Credentials {
  readonly #access: ClusterAccess;
  readonly #onSecret: (secret: string) => void;
  #proof: Promise<Proof> | undefined;

  constructor(access: ClusterAccess, onSecret: (secret: string) => void) {
    this.#access = access;
    this.#onSecret = onSecret;
  }

  /** True when a refused request may be cured by asking the source again. */
  get renewable(): boolean {
    return this.#access.credential.type === 'exec' || this.#access.credential.type === 'tokenFile';
  }

  current(): Promise<Proof> {
    this.#proof ??= this.#obtain();
    return this.#proof;
  }

  /** Asks the source again unless somebody did since `old` was handed out. */
  async renewed(old: Proof): Promise<Proof> {
    if ((await this.current()) === old) this.#proof = undefined;
    return this.current();
  }

  async #obtain(): Promise<Proof> {
    const { credential, impersonation, clientCertificate } = this.#access;
    const withToken = (token: string) => ({ headers: { ...impersonation, authorization: `Bearer ${token}` } });
    const certificate = clientCertificate ? { clientCertificate } : {};
    switch (credential.type) {
      case 'token':
        return { ...withToken(credential.token), ...certificate };
      case 'tokenFile':
        return { ...withToken(await this.#readToken(credential.path)), ...certificate };
      case 'basic': {
        const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
        this.#onSecret(pair);
        return { headers: { ...impersonation, authorization: `Basic ${pair}` }, ...certificate };
      }
      case 'exec':
        return { ...certificate, ...(await this.#askPlugin(credential)) };
      case 'none':
        return { headers: impersonation, ...certificate };
    }
  }

  async #readToken(path: string): Promise<string> {
    try {
      const token = (await readFile(path, 'utf8')).trim();
      this.#onSecret(token);
      return token;
    } catch (error) {
      throw new RollbackError(
        'CLUSTER_UNAUTHORIZED',
        tr`The token file of context "${this.#access.context}" cannot be read (${String((error as NodeJS.ErrnoException).code)}).`,
        tr`Check that the file exists and that this runner may read it.`,
      );
    }
  }

  async #askPlugin({ plugin }: { plugin: import('./access.ts').ExecPlugin }): Promise<Proof> {
    const { runExecPlugin } = await import('./client-node.ts');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(tr`no answer after ${PLUGIN_DEADLINE_MS / 1000} s`)),
        PLUGIN_DEADLINE_MS,
      );
    });
    try {
      const given = await Promise.race([runExecPlugin(plugin, this.#access), late]);
      for (const secret of [given.token, given.key]) if (secret) this.#onSecret(secret);
      const { cert, key, token } = given;
      return {
        headers: { ...this.#access.impersonation, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        ...(cert && key ? { clientCertificate: { cert, key } } : {}),
      };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new RollbackError(
        'CLUSTER_UNAUTHORIZED',
        code === 'ENOENT'
          ? tr`The exec plugin ${printable(plugin.command, 80)} of context "${this.#access.context}" is not installed on this runner.`
          : tr`The exec plugin ${printable(plugin.command, 80)} of context "${this.#access.context}" failed: ${printable(message || tr`no reason given`)}`,
        plugin.installHint
          ? printable(plugin.installHint)
          : tr`Run it by hand on this runner: \`${printable([plugin.command, ...(plugin.args ?? [])].join(' '), 200)}\`.`,
      );
    } finally {
      clearTimeout(timer);
    }
  }
}
