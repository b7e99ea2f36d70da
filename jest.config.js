/** Node 24 strips the types, so tests run as written; see `npm test` for the parts and their order. */
const project = (name, testMatch, more = {}) => ({
  displayName: name,
  testMatch: testMatch.map((glob) => `<rootDir>/__tests__/${glob}`),
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/', '<rootDir>/.testbed/'],
  ...more,
});

export default {
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  testTimeout: 120_000,
  projects: [
    project('unit', ['unit/**/*.test.ts', 'golden/**/*.test.ts']),
    project('contract', ['contract/**/*.test.ts']),
    project('integration', ['integration/**/*.test.ts']),
    project('e2e', ['e2e/**/*.test.ts']),
  ],
};
