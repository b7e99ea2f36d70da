import * as z from 'zod';
import { DEFAULTS, fileSchema } from './schema.ts';

/** The few keywords that are looked at; the rest is for editors. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
}

/**
 * The JSON Schema (draft 2020-12) of the config file, for completion in editors. Rules between values are checked by the program only.
 *
 * @param descriptions of the options, as `action.yml` words them.
 */
export function configJsonSchema(descriptions: Readonly<Record<string, string>>): JsonSchema {
  const { $schema, properties, ...rest } = z.toJSONSchema(fileSchema(), { io: 'input' }) as JsonSchema;
  const described = Object.entries(properties ?? {}).map(([name, property]) => {
    const description = descriptions[name];
    return [
      name,
      description === undefined ? property : { description, ...property, ...defaultOf(name, property) },
    ] as const;
  });
  return {
    ...($schema === undefined ? {} : { $schema }),
    $id: 'urn:tiered-rollback:config',
    ...({ title: 'Config file of Tiered Rollback' } as object),
    ...rest,
    properties: {
      $schema: { type: 'string', description: 'Address of this schema, for editors.' },
      ...Object.fromEntries(described),
    },
  };
}

function defaultOf(name: string, { type }: JsonSchema): { default?: unknown } {
  const typed = (DEFAULTS as Readonly<Record<string, string>>)[name];
  if (typed === undefined) return {};
  return { default: type === 'boolean' ? typed === 'true' : type === 'integer' ? Number(typed) : typed };
}
