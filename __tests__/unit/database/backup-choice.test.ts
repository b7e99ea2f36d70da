import { describe, expect, it } from '@jest/globals';
import { chooseBackup, dateInName } from '../../../src/core/database/backup-choice.ts';

const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 23, 9);
const at = (hoursAgo: number, name = `${hoursAgo}.sql`) => ({ name, modifiedAt: now - hoursAgo * HOUR });
const failing = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it did not throw');
};

describe('D30: which backup', () => {
  it('is the newest one that predates the bad release', () => {
    const choice = chooseBackup([at(5), at(1), at(30)], { now, badReleaseAt: now - 2 * HOUR });
    expect(choice).toMatchObject({
      backup: { name: '5.sql' },
      why: 'newest-before-bad-release',
      madeAt: now - 5 * HOUR,
    });
    expect(choice.passedOver.map((one) => one.name)).toEqual(['1.sql', '30.sql']);
  });

  it('does not depend on the order in which they are found', () => {
    const all = [at(5), at(9), at(30)];
    expect(chooseBackup(all, { now }).backup).toBe(chooseBackup([...all].reverse(), { now }).backup);
  });

  it('refuses none, and lists what is there when all are too new', () => {
    expect(failing(() => chooseBackup([], { now }))).toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    expect(failing(() => chooseBackup([at(1), at(2)], { now, badReleaseAt: now - 3 * HOUR }))).toMatchObject({
      code: 'BACKUP_TOO_NEW',
      message: expect.stringContaining('1.sql (2026-11-23T08:00:00Z), 2.sql'),
    });
  });

  it('refuses two that are equally new, and one among others whose time is not known', () => {
    expect(failing(() => chooseBackup([at(2, 'a'), at(2, 'b'), at(3)], { now })).code).toBe('BACKUP_AMBIGUOUS');
    expect(failing(() => chooseBackup([at(2), { name: 'b' }], { now })).code).toBe('BACKUP_AMBIGUOUS');
    expect(chooseBackup([{ name: 'b' }], { now, badReleaseAt: now - HOUR }).why).toBe('only-one');
  });

  it('takes a backup of the very moment of the bad release for one of after it', () => {
    expect(failing(() => chooseBackup([at(2)], { now, badReleaseAt: now - 2 * HOUR })).code).toBe('BACKUP_TOO_NEW');
  });

  it('D29: refuses one that is too old, or of unknown age where an age is asked for', () => {
    expect(failing(() => chooseBackup([at(25)], { now, maxAgeMs: 24 * HOUR }))).toMatchObject({
      code: 'BACKUP_TOO_OLD',
      message: expect.stringContaining('25 h old; at most 24 h'),
    });
    expect(failing(() => chooseBackup([{ name: 'x' }], { now, maxAgeMs: HOUR })).code).toBe('BACKUP_TOO_OLD');
  });

  it('refuses a date in the name that contradicts the time by more than a day, and says both', () => {
    const copied = { name: 'pre_change_2026-10-01_03:00:00.sql', modifiedAt: now - HOUR };
    const error = failing(() => chooseBackup([copied], { now }));
    expect(error).toMatchObject({ code: 'BACKUP_AMBIGUOUS' });
    expect(error.message).toMatch(/2026-10-01 in its name.*2026-11-23T08:00:00Z/);
    const sameDay = { name: 'pre_change_2026-11-23_03:00:00.sql', modifiedAt: now - HOUR };
    expect(chooseBackup([sameDay], { now }).backup).toBe(sameDay);
  });
});

describe('the date in a name', () => {
  it.each([
    ['pre_change_2026-11-23_03:00:00.sql', [Date.UTC(2026, 10, 23, 3), Date.UTC(2026, 10, 23, 3)]],
    ['shop-20261123.sql.gz', [Date.UTC(2026, 10, 23), Date.UTC(2026, 10, 24)]],
    ['/backups/2026-01-01/shop_20261123T0405.dump', [Date.UTC(2026, 10, 23, 4, 5), Date.UTC(2026, 10, 23, 4, 5)]],
  ])('%s', (name, span) => expect(dateInName(name)).toEqual(span));

  it.each(['shop.sql', 'v120261123.sql', '2026-02-31.sql', '2026-01-01_to_2026-02-01.sql', 'shop-20261399.sql'])(
    'none in %s',
    (name) => expect(dateInName(name)).toBeUndefined(),
  );
});
