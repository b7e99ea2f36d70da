/** Node 24 strips the types, so tests run as written; see `npm test` for the parts and their order. */
const project = (name, testMatch, more = {}) => ({
  displayName: name,
  testMatch: testMatch.map((glob) => `<rootDir>/__tests__/${glob}`),
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/', '<rootDir>/.testbed/'],
  ...more,
});

/** One control plane for all test files of a run, started when the first asks for it. */
const cluster = {
  globalSetup: '<rootDir>/testbed/jest/global-setup.ts',
  globalTeardown: '<rootDir>/testbed/jest/global-teardown.ts',
};

export default {
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  testTimeout: 120_000,
  projects: [
    project('unit', ['unit/**/*.test.ts', 'golden/**/*.test.ts']),
    project('contract', ['contract/**/*.test.ts'], cluster),
    project('integration', ['integration/**/*.test.ts'], cluster),
    project('e2e', ['e2e/**/*.test.ts'], cluster),
  ],
};
