import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';

type Json = Readonly<Record<string, unknown>>;

export interface Operation {
  /** `POST /repos/{owner}/{repo}/issues`. */
  readonly name: string;
  /** Values of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly description: Json;
}

/** GitHub's published description of its REST API, as a judge of requests and answers. */
export class OpenApi {
  readonly #document: Json;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #known = new Set<string>();
  readonly #routes: readonly { readonly pattern: RegExp; readonly template: string; readonly operations: Json }[];

  private constructor(document: Json) {
    this.#document = document;
    this.#ajv.addFormat('uri', (text) => URL.canParse(text));
    this.#ajv.addFormat('date-time', (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text));
    for (const format of ['int64', 'email', 'repo.nwo', 'alphanumeric']) this.#ajv.addFormat(format, true);
    this.#routes = Object.entries(document['paths'] as Record<string, Json>)
      .map(([template, operations]) => ({
        template,
        operations,
        // A path that names its segments wins over one that has a place for any.
        weight: (template.match(/\{/g) ?? []).length,
        pattern: new RegExp(
          `^${template.replace(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '(?<path>.+)' : `(?<${name}>[^/]+)`))}$`,
        ),
      }))
      .sort((a, b) => a.weight - b.weight);
  }

  static #loading: Promise<OpenApi> | undefined;

  /** Read once per process: 13 MB of JSON. */
  static load(): Promise<OpenApi> {
    OpenApi.#loading ??= (async () => {
      const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
      return new OpenApi(JSON.parse(await readFile(file, 'utf8')));
    })();
    return OpenApi.#loading;
  }

  /** The operation that a request asks for; undefined where GitHub has none. */
  operation(method: string, pathname: string): Operation | undefined {
    for (const { pattern, template, operations } of this.#routes) {
      const match = pattern.exec(pathname);
      const description = operations[method.toLowerCase()];
      if (!match || !description) continue;
      const path = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]),
      );
      return { name: `${method} ${template}`, path, description: description as Json };
    }
    return undefined;
  }

  /** What is wrong with a request. Stricter than GitHub, which ignores parameters and fields that it does not know. */
  faultsOfRequest(operation: Operation, query: URLSearchParams, body: unknown): string[] {
    const parameters = ((operation.description['parameters'] ?? []) as Json[]).map((one) => this.#resolved(one));
    const faults: string[] = [];
    for (const parameter of parameters) {
      const name = String(parameter['name']);
      const given = parameter['in'] === 'path' ? operation.path[name] : (query.get(name) ?? undefined);
      if (given === undefined) {
        if (parameter['required']) faults.push(`${parameter['in']} parameter ${name} is missing`);
        continue;
      }
      const value = coerced(given, this.#resolved(parameter['schema'] as Json));
      faults.push(
        ...this.#faults(`${operation.name} ${name}`, parameter['schema'] as Json, value).map(
          (fault) => `${parameter['in']} parameter ${name}${fault}`,
        ),
      );
    }
    const known = parameters.filter((one) => one['in'] === 'query').map((one) => one['name']);
    for (const name of query.keys()) if (!known.includes(name)) faults.push(`query parameter ${name} is not known`);
    const schema = schemaOf(operation.description['requestBody'] as Json | undefined);
    if (!schema) return body === undefined ? faults : [...faults, 'a body where none belongs'];
    if (body === undefined) return [...faults, 'no body'];
    const fields = Object.keys((schema['properties'] ?? {}) as Json);
    for (const field of Object.keys(body as Json))
      if (!fields.includes(field)) faults.push(`body field ${field} is not known`);
    return [...faults, ...this.#faults(`${operation.name} body`, schema, body).map((fault) => `body${fault}`)];
  }

  /** What is wrong with an answer. One with a status that GitHub does not describe there must at least be an error of its form. */
  faultsOfAnswer(operation: Operation, status: number, body: unknown): string[] {
    const responses = operation.description['responses'] as Record<string, Json>;
    const response = responses[String(status)];
    const described = response ? schemaOf(this.#resolved(response)) : undefined;
    const schema = described ?? (status >= 400 ? { $ref: '#/components/schemas/basic-error' } : undefined);
    if (!schema) return [`status ${status} is not described`];
    return this.#faults(`${operation.name} ${status}`, schema, body).map((fault) => `answer${fault}`);
  }

  /** An example of GitHub's own, to be changed at will. */
  example(name: string): Record<string, unknown> {
    const examples = (this.#document['components'] as Record<string, Record<string, Json>>)['examples'];
    const found = examples?.[name]?.['value'];
    if (!found) throw new Error(`GitHub's description has no example ${name}`);
    return structuredClone(found) as Record<string, unknown>;
  }

  #faults(key: string, schema: Json, value: unknown): string[] {
    let validate = this.#validators.get(key);
    if (!validate) {
      this.#learn(schema);
      validate = this.#ajv.compile(asJsonSchema(schema) as Json);
      this.#validators.set(key, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).slice(0, 5).map((error) => `${error.instancePath} ${error.message ?? ''}`);
  }

  /** Gives the validator the schemas that this one refers to, and theirs; the whole description would take a minute. */
  #learn(schema: unknown): void {
    for (const ref of refsOf(schema)) {
      if (this.#known.has(ref)) continue;
      this.#known.add(ref);
      const target = this.#resolved({ $ref: ref });
      this.#ajv.addSchema(asJsonSchema(target) as Json, idOf(ref));
      this.#learn(target);
    }
  }

  #resolved(value: Json): Json {
    const ref = value['$ref'];
    if (typeof ref !== 'string') return value;
    let target: unknown = this.#document;
    for (const part of ref.replace('#/', '').split('/')) target = (target as Json)[part.replaceAll('~1', '/')];
    return this.#resolved(target as Json);
  }
}

function schemaOf(part: Json | undefined): Json | undefined {
  const content = part?.['content'] as Record<string, Json> | undefined;
  return content?.['application/json']?.['schema'] as Json | undefined;
}

function refsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === '$ref' && typeof item === 'string'
      ? [item]
      : name === 'example' || name === 'examples'
        ? []
        : refsOf(item),
  );
}

const idOf = (ref: string) => `github:${ref.slice(2)}`;

/**
 * OpenAPI 3.0 differs from JSON Schema: `nullable`, `discriminator`, and words that only describe. GitHub's alternatives overlap (every error is
 * a basic one, too), so one of them is as good as several.
 */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, discriminator: _discriminator, example: _example, examples: _examples, ...rest } = value as Json;
  const schema = Object.fromEntries(
    Object.entries(rest).map(([name, item]) => [
      name === 'oneOf' ? 'anyOf' : name,
      name === '$ref' && typeof item === 'string' ? idOf(item) : name === 'enum' ? item : asJsonSchema(item),
    ]),
  );
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function coerced(text: string, schema: Json): unknown {
  if (schema['type'] === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (schema['type'] === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
