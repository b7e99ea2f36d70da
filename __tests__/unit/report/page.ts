/** One tag of a page, as it stands there. */
export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

const VOID = ['meta', 'br', 'rect', 'line'];

/**
 * The tags of a page of ours, in their order. Reads only what our markup is made of (quoted attributes; every other `<` or `>` escaped) and
 * throws for anything else, so text that got in as markup is found.
 */
export function tagsOf(page: string): Tag[] {
  const body = page.replace(/^<!doctype html>\n/, '').replace(/<style>[\s\S]*?<\/style>/, '<style></style>');
  const pattern = /<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z][\w-]*(?:="[^"<>]*")?)*) ?\/?>/g;
  const rest = body.replace(pattern, '');
  if (/[<>]/.test(rest)) throw new Error(`not ours: ${/.{0,60}[<>].{0,60}/.exec(rest)?.[0]}`);
  return [...body.matchAll(pattern)].map(([, slash = '', name = '', attributes = '']) => ({
    name,
    isEnd: slash === '/',
    attributes: Object.fromEntries(
      [...attributes.matchAll(/ ([a-zA-Z][\w-]*)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [
        key,
        decode(value),
      ]),
    ),
  }));
}

/** Throws where tags are not closed in the order in which they were opened. */
export function expectNested(tags: readonly Tag[]): void {
  const open: string[] = [];
  for (const { name, isEnd } of tags) {
    if (VOID.includes(name)) continue;
    if (!isEnd) open.push(name);
    else if (open.pop() !== name) throw new Error(`</${name}> does not close what is open: ${open.join(' ')}`);
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(' ')}`);
}

/** What a reader sees, without the tags; parts are put apart by a space. */
export function textOf(page: string): string {
  return decode(page.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]*>/g, ''));
}

function decode(text: string): string {
  const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}
