import type { DatabaseState } from '../../core/database/database.ts';
import type { Session } from './session.ts';

/** Databases by a condition on `d` (pg_database). What each version calls its locale is evened out here. */
export async function describeDatabases(
  session: Session,
  where: string,
  values: readonly unknown[],
  version: number,
): Promise<DatabaseState[]> {
  const provider =
    version >= 150000 ? `CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END` : `'libc'`;
  const locale = version >= 170000 ? 'd.datlocale::text' : version >= 150000 ? 'd.daticulocale::text' : 'NULL::text';
  const rows = await session.query<Omit<DatabaseState, 'settings'> & { locale: string | null; comment: string | null }>(
    `SELECT d.datname::text AS name, d.oid::bigint::float8 AS oid, pg_get_userbyid(d.datdba)::text AS owner,
            pg_encoding_to_char(d.encoding)::text AS encoding, d.datcollate::text AS collate, d.datctype::text AS ctype,
            ${provider} AS "localeProvider", ${locale} AS locale, t.spcname::text AS tablespace,
            d.datconnlimit AS "connectionLimit", d.datallowconn AS "allowsConnections",
            ARRAY(SELECT CASE WHEN a.grantee = 0 THEN '' ELSE quote_ident(pg_get_userbyid(a.grantee)) END || '=' || a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END
                  FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a GROUP BY 1 ORDER BY 1) AS acl,
            shobj_description(d.oid, 'pg_database') AS comment,
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size(d.oid)::float8 ELSE 0 END AS "sizeBytes"
     FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
     WHERE ${where} ORDER BY d.datname`,
    values,
  );
  const settings = await session.query<{ oid: number; role: string; config: string[] }>(
    `SELECT s.setdatabase::bigint::float8 AS oid, CASE WHEN s.setrole = 0 THEN '' ELSE pg_get_userbyid(s.setrole)::text END AS role, s.setconfig AS config
     FROM pg_db_role_setting s WHERE s.setdatabase::bigint = ANY($1::bigint[]) ORDER BY role`,
    [rows.map(({ oid }) => oid)],
  );
  return rows.map(({ locale: name, comment, ...row }) => ({
    ...row,
    ...(name === null ? {} : { locale: name }),
    ...(comment === null ? {} : { comment }),
    settings: settings.filter(({ oid }) => oid === row.oid).map(({ role, config }) => ({ role, config })),
  }));
}
