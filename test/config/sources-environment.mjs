import { TestEnvironment } from 'jest-environment-node';
import ts from 'typescript';

const parsed = new Map();

/**
 * The environment of test/architecture: every file of it reads the same sources, so a worker of jest loads the
 * TypeScript compiler and parses each source once, not once for each file of tests.
 */
export default class SourcesEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.sourcesOfTheWorker = { ts, parsed };
  }
}
