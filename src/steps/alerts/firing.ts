import { type AlertMatcher, matcherText } from '../../core/alerts.ts';
import type { Failure } from '../../core/errors.ts';
import type { Evidence } from '../../core/outcome.ts';
import { shellWord } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import { evidenceLine } from '../../diagnosis/reading/evidence.ts';
import type { FiringAlert } from '../../ports/alerts.ts';
import { time } from './silence.ts';

const MOST_ALERTS = 20;
const MOST_NAMED = 3;
const MOST_LABELS = 4;
const LONGEST_VALUE = 60;
/** What tells one alert from another of the same name, most telling first; others follow by name. */
const TELLING = ['severity', 'service', 'job', 'deployment', 'pod', 'instance'];

/** `namespace="shop", team="web"`, for people. */
export const matchersText = (matchers: readonly AlertMatcher[]) => matchers.map(matcherText).join(', ');

/** One row for each alert that fires, oldest first; a last one counts those that are left out. */
export function firingEvidence(alerts: readonly FiringAlert[], matchers: readonly AlertMatcher[]): Evidence[] {
  const rows = oldestFirst(alerts).map((alert) => ({
    subject: tr`alert ${nameOf(alert)}`,
    observed: tr`fires ${sinceOf(alert, matchers)}`,
    expected: tr`does not fire`,
  }));
  const rest = rows.length - MOST_ALERTS;
  if (rest <= 0) return rows;
  return [
    ...rows.slice(0, MOST_ALERTS),
    { subject: tr`more alerts`, observed: tr`${rest} more fire`, expected: tr`none fires` },
  ];
}

export function firingFailure(
  alerts: readonly FiringAlert[],
  matchers: readonly AlertMatcher[],
  waited: string,
): Failure {
  const named = oldestFirst(alerts)
    .slice(0, MOST_NAMED)
    .map((alert) => `${nameOf(alert)} ${sinceOf(alert, matchers)}`);
  const rest = alerts.length - named.length;
  const list = [...named, ...(rest > 0 ? [tr`and ${rest} more`] : [])].join('; ');
  return {
    code: 'ALERTS_FIRING',
    message: tr`alerts with ${matchersText(matchers)} fire, ${alerts.length} of them, expected none (waited ${waited}): ${list}`,
    hint: `amtool --alertmanager.url URL alert query --active --silenced ${matchers.map(matcherText).map(shellWord).join(' ')}`,
    causes: [],
  };
}

function oldestFirst(alerts: readonly FiringAlert[]): FiringAlert[] {
  return [...alerts].sort((one, other) => one.startsAt - other.startsAt || (one.name < other.name ? -1 : 1));
}

const nameOf = ({ name, fingerprint }: FiringAlert) => short(name === '' ? fingerprint : name);

/** Since when, and the labels that tell it from others: those that every one of them has by the matchers are left out. */
function sinceOf({ startsAt, labels }: FiringAlert, matchers: readonly AlertMatcher[]): string {
  const known = new Set(['alertname', ...matchers.flatMap((one) => (one.isRegex || !one.isEqual ? [] : [one.name]))]);
  const rank = (name: string) => (TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length);
  const texts = Object.keys(labels)
    .filter((name) => !known.has(name))
    .sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))
    .slice(0, MOST_LABELS)
    .map((name) => `${short(name)}=${short(labels[name] ?? '')}`);
  return `${tr`since ${time(startsAt)}`}${texts.length > 0 ? ` (${texts.join(', ')})` : ''}`;
}

/** Whoever may write metrics writes labels. */
function short(text: string): string {
  const characters = [...evidenceLine(text)];
  return characters.length <= LONGEST_VALUE
    ? characters.join('')
    : `${characters.slice(0, LONGEST_VALUE - 1).join('')}…`;
}
