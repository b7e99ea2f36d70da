import { describe, expect, it } from '@jest/globals';
import { Redactor, redactReport } from '../../../src/report/redact.ts';
import { reportSchema } from '../../../src/report/schema.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { report } from '../../golden/samples.ts';

const SECRET = 'pä ss"wörd/+8899';
const forms = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  new URLSearchParams({ v: SECRET }).toString().slice(2).replaceAll('%20', '+'),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('base64url'),
];

describe('Redactor', () => {
  it.each(forms)('finds the form %j', (form) => {
    const redactor = new Redactor();
    redactor.add([SECRET]);
    expect(redactor.redact(`a ${form} b`)).toBe('a *** b');
  });

  it.each(['', 'u', 'us', 'usr', 'user:'])('finds it inside the base64 of a longer text (%j before it)', (before) => {
    const redactor = new Redactor();
    redactor.add([SECRET]);
    const whole = Buffer.from(`${before}${SECRET} and more`).toString('base64');
    const redacted = redactor.redact(whole);
    expect(redacted).toContain('***');
    expect(Buffer.from(redacted, 'base64').toString('latin1')).not.toContain('8899');
  });

  it('finds the lines of a key, and leaves the words of a document', () => {
    const redactor = new Redactor();
    redactor.add([
      '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----',
      'name: production-cluster\nuser: x',
    ]);
    expect(redactor.redact('line hkiG9w0BAQEFAASC')).toBe('line ***');
    expect(redactor.redact('production-cluster')).toBe('production-cluster');
  });

  it('replaces a very short secret only where it stands alone', () => {
    const redactor = new Redactor();
    redactor.add(['42', '', '  ']);
    expect(redactor.redact('pin 42, 4242 pods, a42')).toBe('pin ***, 4242 pods, a42');
  });

  it('takes secrets that become known later', () => {
    const redactor = new Redactor();
    expect(redactor.redact('late-secret')).toBe('late-secret');
    redactor.add(['late-secret']);
    expect(redactor.redact('late-secret')).toBe('***');
  });
});

describe('redactReport', () => {
  it('reaches every text of the report and leaves it a valid report', () => {
    const marked = JSON.parse(JSON.stringify(report()).replaceAll('shop', `x${SECRET.replace('"', '')}x`));
    const clean = redactReport(marked, [SECRET.replace('"', '')]);
    expect(JSON.stringify(clean)).not.toContain('8899');
    expect(renderSummary(clean)).not.toContain('wörd');
    expect(reportSchema.safeParse(clean).error).toBeUndefined();
  });

  it('leaves the words of the format alone', () => {
    const clean = redactReport(report(), ['rapid', 'passed', 'rollback', 'en', 'check-pods']);
    expect(reportSchema.safeParse(clean).error).toBeUndefined();
    expect(clean.tier).toBe('rapid');
  });

  it('changes nothing without secrets', () => {
    const full = report();
    expect(redactReport(full, [])).toBe(full);
  });
});
