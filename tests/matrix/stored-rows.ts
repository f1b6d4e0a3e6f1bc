/** What the gateways have written down, told in one line: whatever is written in between changes it. */
import type { Scene } from "../clients/scene.ts";

export async function storedRows(scene: Scene): Promise<string> {
  const rows = await scene.rows<{ told: string }>(
    `SELECT concat_ws(' ',
       (SELECT md5(string_agg(m::text, '|' ORDER BY m.id)) FROM realtime."ChatMessage" m),
       (SELECT md5(string_agg(c::text, '|' ORDER BY c.id)) FROM realtime."ChatConversation" c),
       (SELECT md5(string_agg(concat_ws(',', u."tenantId", u.id, u.name), '|' ORDER BY u."tenantId", u.id)) FROM realtime."ChatUser" u)
     ) AS told`,
  );
  return rows[0]?.told ?? "";
}
