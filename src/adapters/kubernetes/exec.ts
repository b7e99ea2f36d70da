import { tr } from '../../core/tr.ts';
import type { ChannelSocket } from './channel-socket.ts';
import { openChannels } from './channels.ts';
import type { ObjectClient } from './object-client.ts';

const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const OPEN_MS = 30_000;
/** A disk that gives nothing for so long gives nothing any more. */
const SILENT_MS = 60_000;
const STDERR_BYTES = 4096;
const STATUS_BYTES = 64 * 1024;

/** How a command in a container ended. */
export interface Ended {
  /** `unknown`: the stream ended without the node saying how the command ended. */
  readonly how: 'succeeded' | 'failed' | 'unknown';
  /** Where the node tells it. */
  readonly exitCode?: number;
  /** What the node says of the end, or why nothing more came. */
  readonly message: string;
  /** The last words of stderr. */
  readonly stderr: string;
}

/** A command that runs in a container. Its output is read once, as fast as the reader takes it. */
export interface Running {
  readonly stdout: AsyncIterable<Buffer>;
  /** Settles after the output was read to its end. */
  readonly ended: Promise<Ended>;
}

/**
 * Runs a command in a container, without a shell and without standard input.
 * @throws CLUSTER_*, CANCELLED; what goes wrong later is told by `ended`.
 */
export async function exec(
  client: ObjectClient,
  where: { readonly pod: string; readonly container: string },
  command: readonly string[],
  signal?: AbortSignal,
): Promise<Running> {
  const query = new URLSearchParams([
    ...command.map((word): [string, string] => ['command', word]),
    ['container', where.container],
    ['stdout', 'true'],
    ['stderr', 'true'],
  ]);
  const output = new Output();
  const channels = await openChannels(
    client,
    {
      pod: where.pod,
      subresource: 'exec',
      query: query.toString(),
      // v5 is what the API server translates for itself since 1.30; before that the node speaks v4.
      protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
      timeoutMs: OPEN_MS,
      ...(signal ? { signal } : {}),
    },
    output,
  );
  return { stdout: output.read(channels, signal), ended: output.ended };
}

class Output {
  readonly #ended = Promise.withResolvers<Ended>();
  readonly ended = this.#ended.promise;
  #chunks: Buffer[] = [];
  #wake = Promise.withResolvers<void>();
  #stderr = '';
  #status = '';
  #over: Ended | undefined;

  data(channel: number, chunk: Buffer): boolean {
    if (channel === STDERR) this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_BYTES);
    if (channel === STATUS && this.#status.length < STATUS_BYTES) this.#status += chunk.toString('utf8');
    if (channel !== STDOUT) return true;
    this.#chunks.push(chunk);
    this.#wake.resolve();
    return false;
  }

  drain(): void {}

  end(_how: 'closed' | 'cut', why: string): void {
    this.#over ??= endOf(this.#status, why, this.#stderr);
    this.#wake.resolve();
  }

  async *read(channels: ChannelSocket, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const stop = () => {
      this.#over ??= { how: 'unknown', message: tr`cancelled`, stderr: '' };
      channels.destroy();
    };
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      for (;;) {
        const chunks = this.#chunks;
        this.#chunks = [];
        yield* chunks;
        channels.resume();
        if (this.#chunks.length > 0) continue;
        if (this.#over) break;
        // The timer also keeps the process alive while nothing else does: the stream alone would not.
        const silent = setTimeout(() => {
          this.#over ??= { how: 'unknown', message: tr`nothing came for ${SILENT_MS / 1000} s`, stderr: this.#stderr };
          channels.destroy();
        }, SILENT_MS);
        await this.#wake.promise;
        clearTimeout(silent);
        this.#wake = Promise.withResolvers();
        if (this.#over) this.#wake.resolve();
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      channels.close();
      this.#ended.resolve(this.#over ?? { how: 'unknown', message: tr`not read to its end`, stderr: this.#stderr });
    }
  }
}

/** The `Status` object of channel 3 (k8s.io/cri-streaming, remotecommand/exec.go). */
function endOf(status: string, why: string, stderr: string): Ended {
  try {
    const said = JSON.parse(status) as {
      status?: string;
      message?: string;
      details?: { causes?: { reason?: string; message?: string }[] };
    };
    if (said.status === 'Success') return { how: 'succeeded', exitCode: 0, message: '', stderr };
    if (said.status === 'Failure') {
      const code = Number(said.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message);
      return {
        how: 'failed',
        ...(Number.isInteger(code) ? { exitCode: code } : {}),
        message: said.message ?? '',
        stderr,
      };
    }
  } catch {
    // Cut off, or never sent.
  }
  return { how: 'unknown', message: why, stderr };
}
