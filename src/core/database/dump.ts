/** What a plain SQL dump is made of, in the order of the file. Reading, framing and loading are apart, so that a parallel loader can come later. */
export type DumpItem =
  | { readonly kind: 'statement'; readonly statement: DumpStatement }
  /** The rows of a `COPY ... FROM stdin`: bytes as they stand in the file, without the `\.` line. */
  | { readonly kind: 'rows'; readonly bytes: Uint8Array }
  | { readonly kind: 'rows-end'; readonly count: number };

export interface DumpStatement {
  /** Without the final semicolon. */
  readonly sql: string;
  /** 1-based, where the statement begins. */
  readonly line: number;
  /** Byte offset in the decompressed text. */
  readonly offset: number;
  /** Set for `COPY table (columns) FROM stdin`: rows follow. */
  readonly copy?: { readonly table: string };
  /** The `-- Name: ...; Type: ...` header that stands before it. */
  readonly header?: DumpHeader;
  /** A line of a newer pg_dump that only servers from this major on know, and that carries no content: an older one is loaded without it. */
  readonly needsMajor?: number;
  /** `pg_dump -c`: drops what an empty database does not have. A loader passes over "does not exist" here, and here only. */
  readonly cleans?: true;
}

/** As the comment has it. The text is a hint for order and for messages, never a proof: an object's name may imitate it. */
export interface DumpHeader {
  readonly name: string;
  readonly type: string;
  readonly schema: string;
  readonly owner: string;
}

/** What one pass over a dump has proven. Nothing of it is believed before the end marker was seen at the top level of the text. */
export interface DumpManifest {
  readonly format: 'plain' | 'custom' | 'directory' | 'tar';
  /** SHA-256 of the file as it lies there (compressed where it is compressed). */
  readonly sha256: string;
  readonly bytes: number;
  /** Decompressed; equal to `bytes` where nothing is compressed. */
  readonly textBytes: number;
  /** Major of the server that was dumped. */
  readonly serverMajor?: number;
  readonly dumpedBy?: string;
  readonly encoding?: string;
  /** Rows per table as the dump has them, by its own spelling of `schema.table`. */
  readonly rows: Readonly<Record<string, number>>;
  /** Ordinary tables that the dump creates without a word about their rows (`--exclude-table-data`): they will be empty. */
  readonly tablesWithoutData: readonly string[];
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
  readonly schemas: readonly string[];
  /** Statements that reach beyond the database, by name; refused unless allowed. */
  readonly unsafe: readonly { readonly what: string; readonly line: number }[];
  /** `pg_dump -c`: objects are dropped first. */
  readonly cleans: boolean;
  readonly statements: number;
  /** Largest single statement in bytes: what one send costs in memory. */
  readonly largestStatement: number;
}
