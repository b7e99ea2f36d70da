import type { DatabaseOptions } from '../core/database/address.ts';

/** What must never reach a log, an output, an argv or a journal. */
export interface Secrets {
  /** As given: YAML, base64 of it, or a path. */
  readonly kubeconfig?: string;
  readonly githubToken?: string;
  /** Authorization header by health URL. */
  readonly healthAuthorization: Readonly<Record<string, string>>;
  /** Passwords and tokens out of URLs and variables (health checks, proxies, database, backup), and all of `secret-values`. */
  readonly others: readonly string[];
  /** How the database is reached. Absent where nothing says so. */
  readonly database?: DatabaseOptions;
  /** Address of the backup with its credentials, where it is one. */
  readonly backupUrl?: string;
  readonly slackWebhookUrl?: string;
  readonly smtpUrl?: string;
  /** Addresses of the monitoring, with their credentials; tokens come from ALERTMANAGER_TOKEN and PROMETHEUS_TOKEN. */
  readonly alertmanager?: { readonly url: string; readonly token?: string };
  readonly prometheus?: { readonly url: string; readonly token?: string };
  /** Value by the name under which `secrets: keys` asks for it. */
  readonly named?: Readonly<Record<string, string>>;
}

/** Shorter texts occur everywhere: masking them would hide half of the log and protect nothing. */
const SHORTEST = 4;

/**
 * Every form in which a secret may turn up: whole, each line, as base64 (with and without padding, URL-safe), URL-encoded and
 * JSON-escaped. Longest first, so that replacing one form does not leave the rest of a longer one.
 */
export function secretForms(value: string): string[] {
  const trimmed = value.trim();
  const whole = [...new Set([value, trimmed])];
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim());
  const forms = [...whole, ...lines].flatMap((text) => [
    text,
    ...base64Forms(text),
    encodeURIComponent(text.toWellFormed()),
    new URLSearchParams({ v: text }).toString().slice(2),
    JSON.stringify(text).slice(1, -1),
  ]);
  return [...new Set(forms)].filter((form) => form.trim().length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

/** `echo secret | base64` ends the text with a newline, and so does many a Secret. */
function base64Forms(text: string): string[] {
  if (text === '') return [];
  return [text, `${text}\n`].flatMap((bytes) => {
    const padded = Buffer.from(bytes).toString('base64');
    return [padded, padded.replace(/=+$/, ''), Buffer.from(bytes).toString('base64url')];
  });
}

/**
 * Everything to mask before the first line is written. A kubeconfig is masked as a whole only: its lines (`kind: Config`, the name of the
 * cluster) are words that a report needs, and what is secret in it is named by the adapter that reads it.
 */
export function secretsToMask(secrets: Secrets): string[] {
  const kubeconfig = secrets.kubeconfig !== undefined && !isPath(secrets.kubeconfig) ? [secrets.kubeconfig] : [];
  const single = [
    secrets.githubToken ?? '',
    ...secrets.others,
    ...Object.values(secrets.named ?? {}),
    ...Object.values(secrets.healthAuthorization).map((header) => header.replace(/^Basic /, '')),
  ];
  const forms = [
    ...kubeconfig.flatMap((text) => [text, Buffer.from(text).toString('base64')]),
    ...single.flatMap(secretForms),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

/** A path is short and on one line; hiding it would hide what an error message is about. */
function isPath(kubeconfig: string): boolean {
  return (
    kubeconfig.length < 260 &&
    !/[\n{]/.test(kubeconfig) &&
    !Buffer.from(kubeconfig, 'base64').toString('latin1').includes('apiVersion')
  );
}

/** The values themselves, apart from the kubeconfig (its adapter names what is secret in it): what a report is cleaned of. */
export function secretValues({ githubToken = '', others, named = {}, healthAuthorization }: Secrets): string[] {
  const headers = Object.values(healthAuthorization).map((header) => header.replace(/^Basic /, ''));
  return [githubToken, ...others, ...Object.values(named), ...headers].filter((value) => value.length >= SHORTEST);
}
