import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';

const MAX_REDIRECTS = 5;

export interface Download {
  readonly body: AsyncIterable<Uint8Array>;
  readonly modifiedAt?: number;
}

/** The address as it may be shown: credentials and signatures stand in the rest of it. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return tr`the address in backup-path`;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/**
 * One GET, streamed. Redirects to another host are refused: an address in a config must not become any address (and a signed one not another's).
 * @param allowHttp also without TLS.
 * @throws BACKUP_UNREADABLE, BACKUP_NOT_FOUND (404), DUMP_TRUNCATED (fewer bytes than announced).
 */
export async function* download(
  url: string,
  options: { readonly allowHttp: boolean; readonly signal: AbortSignal; readonly onModified: (at: number) => void },
): AsyncGenerator<Uint8Array> {
  const name = shownUrl(url);
  const dispatcher = new EnvHttpProxyAgent({ headersTimeout: 60_000, bodyTimeout: 60_000 });
  try {
    const answer = await follow(new URL(url), options, dispatcher, name);
    if (answer.status === 404)
      throw new RollbackError('BACKUP_NOT_FOUND', tr`${name} answers 404`, tr`Look whether the backup was uploaded.`);
    if (answer.status !== 200 || !answer.body)
      throw fault(tr`${name} answers ${answer.status}`, tr`A signed address may have expired; make a new one.`);
    const modified = Date.parse(answer.headers.get('last-modified') ?? '');
    if (Number.isFinite(modified)) options.onModified(modified);
    // With a content encoding fetch decodes, and the announced length is that of what was sent.
    const announced = answer.headers.get('content-encoding') ? null : answer.headers.get('content-length');
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      yield chunk;
    }
    if (announced !== null && bytes !== Number(announced))
      throw new RollbackError('DUMP_TRUNCATED', tr`${name} ended after ${bytes} of ${announced} bytes`, tr`Run again.`);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof RollbackError) throw error;
    const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    throw fault(
      tr`${name} cannot be fetched (${cause?.code ?? (error as Error).name})`,
      tr`Look whether the runner reaches it.`,
    );
  } finally {
    await dispatcher.destroy();
  }
}

async function follow(
  from: URL,
  options: { readonly allowHttp: boolean; readonly signal: AbortSignal },
  dispatcher: EnvHttpProxyAgent,
  name: string,
): Promise<Response> {
  let at = from;
  if (at.protocol !== 'https:' && !options.allowHttp)
    throw fault(tr`${name} is not https`, tr`Use https, or name \`http\` in allow-insecure.`);
  const authorization =
    at.username || at.password
      ? `Basic ${Buffer.from(`${decodeURIComponent(at.username)}:${decodeURIComponent(at.password)}`).toString('base64')}`
      : undefined;
  for (let redirects = 0; ; redirects++) {
    const bare = new URL(at);
    bare.username = '';
    bare.password = '';
    const answer = await fetch(bare, {
      dispatcher,
      redirect: 'manual',
      signal: options.signal,
      headers: {
        'user-agent': 'tiered-rollback',
        // What is proven is the file as it lies there.
        'accept-encoding': 'identity',
        ...(authorization ? { authorization } : {}),
      },
    });
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status > 399 || location === null) return answer;
    await answer.body?.cancel();
    const next = new URL(location, bare);
    if (next.host !== at.host || next.protocol !== at.protocol)
      throw fault(tr`${name} redirects to another host (${next.host})`, tr`Name the final address itself.`);
    if (redirects >= MAX_REDIRECTS) throw fault(tr`${name} redirects in a circle`, tr`Name the final address itself.`);
    at = next;
  }
}

function fault(message: string, hint: string): RollbackError {
  return new RollbackError('BACKUP_UNREADABLE', message, hint);
}
