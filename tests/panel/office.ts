/** People and conversations as they are in an office: what pictures and most tests of the panel look at. */
import type { FakeGateway } from "./fake-gateway.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function furnish(gateway: FakeGateway, now = Date.now()): void {
  const before = (ms: number) => new Date(now - ms);
  gateway.add("bob", "Bob Brandt", { isOnline: true });
  gateway.add("erin", "Erin Ekström", { isOnline: true });
  gateway.add("yusuf", "يوسف حداد", { isOnline: true });
  gateway.add("priya", "Priya Raman", { lastSeenAt: before(42 * MINUTE_MS).toISOString() });
  gateway.add("tom", "Tom Okafor", { lastSeenAt: before(3 * DAY_MS).toISOString() });
  gateway.add("lena", "Lena Lindqvist", { isOnline: true });
  gateway.add("marco", "Marco Bellini", { lastSeenAt: before(5 * DAY_MS).toISOString() });
  gateway.write("tom", "tom", "Invoice 4711 is paid, thanks for chasing it.", before(3 * DAY_MS));
  gateway.write("marco", "me", "See you at the fair", before(5 * DAY_MS));
  gateway.write("priya", "me", "Could you check the segment before we send?", before(DAY_MS + 50 * MINUTE_MS));
  gateway.write("priya", "priya", "Looks right now: 18,400 recipients.", before(DAY_MS + 40 * MINUTE_MS));
  gateway.write("yusuf", "yusuf", "صباح الخير، هل وصلتك المسودة؟", before(34 * MINUTE_MS));
  gateway.write("erin", "erin", "The new pictures are in the shared folder", before(12 * MINUTE_MS));
  gateway.write("erin", "erin", "Tell me which one you like best", before(11 * MINUTE_MS));
  const talk: [string, string, number][] = [
    ["bob", "Morning! The winter sale goes out at ten.", DAY_MS + 200 * MINUTE_MS],
    ["me", "Great. Is the subject line decided?", DAY_MS + 198 * MINUTE_MS],
    ["bob", "Not yet, the two variants are here: https://beacon.example/campaigns/winter?tab=subject", DAY_MS + 190 * MINUTE_MS],
    ["me", "Variant B opened 31 % better in the test, so let us take that one.", 58 * MINUTE_MS],
    ["me", "And please leave the emoji out of it.", 57 * MINUTE_MS],
    ["bob", "Done", 30 * MINUTE_MS],
    ["bob", "I have moved the send to 10:30, legal wanted to read the small print once more.\nNothing else changes.", 29 * MINUTE_MS],
    ["me", "Perfect, thank you!", 5 * MINUTE_MS],
  ];
  for (const [sender, body, ago] of talk) gateway.write("bob", sender, body, before(ago));
  Object.assign(gateway.mark("bob"), { myReadSeq: 7, peerReadSeq: 8, peerDeliveredSeq: 8 });
  Object.assign(gateway.mark("priya"), { myReadSeq: 2, peerReadSeq: 1, peerDeliveredSeq: 1 });
  Object.assign(gateway.mark("tom"), { myReadSeq: 1 });
}
