import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';

interface Hazard {
  readonly name: string;
  /** Only these values do harm; without it every value does. */
  readonly when?: (value: string) => boolean;
  readonly effect: () => string;
}

/** Options of Node that run other code in this process or weaken TLS. The rest (memory, warnings, DNS order) is harmless. */
const NODE_OPTION =
  /(^|\s)["']?(-r|--require|--import|--loader|--experimental-loader|--inspect(-brk|-port|-wait)?|--insecure-http-parser|--tls-min-v1\.[01]|--tls-keylog|--tls-cipher-list|--openssl-config|--openssl-legacy-provider|--env-file\S*)(?=[=\s"']|$)/;

/** Variables that a library obeys without a word. What this program itself reads is not among them. */
const HAZARDS: readonly Hazard[] = [
  {
    name: 'NODE_TLS_REJECT_UNAUTHORIZED',
    when: (value) => value === '0',
    effect: () => tr`accepts every certificate, for every connection`,
  },
  {
    name: 'NODE_OPTIONS',
    when: (value) => NODE_OPTION.test(value),
    effect: () => tr`loads code into this program or weakens TLS`,
  },
  {
    name: 'NODE_DEBUG',
    when: (value) => /\*|http|tls|net|undici|fetch/i.test(value),
    effect: () => tr`prints requests with their credentials`,
  },
  { name: 'NODE_PG_FORCE_NATIVE', effect: () => tr`replaces the database client by another` },
  { name: 'PGOPTIONS', effect: () => tr`changes settings of every database session` },
  { name: 'PGSERVICE', effect: () => tr`connects to another database` },
  { name: 'PGSERVICEFILE', effect: () => tr`connects to another database` },
  { name: 'PGSYSCONFDIR', effect: () => tr`connects to another database` },
  { name: 'PGHOSTADDR', effect: () => tr`connects to another host than PGHOST` },
  { name: 'PGREPLICATION', effect: () => tr`changes the protocol of every database session` },
  { name: 'PGTARGETSESSIONATTRS', effect: () => tr`connects to another server than the first` },
  {
    name: 'PGSSLMODE',
    when: (value) => /^(disable|allow|prefer|no-verify)$/i.test(value),
    effect: () => tr`gives up TLS or its check on the way to the database`,
  },
];

/** Names every variable that would silently change what a library does. Values are not shown: they may hold secrets. */
export function environmentFaults(env: NodeJS.ProcessEnv): RollbackError[] {
  return HAZARDS.flatMap(({ name, when, effect }) => {
    const value = env[name];
    if (value === undefined || value === '' || (when && !when(value))) return [];
    return [
      new RollbackError(
        'ENVIRONMENT_UNSAFE',
        tr`variable ${name}: is set, which ${effect()}; expected: not set`,
        tr`Take ${name} out of \`env:\`, or end it for this step with \`env: { ${name}: "" }\`. If an earlier step or the runner sets it, correct it there.`,
      ),
    ];
  });
}
