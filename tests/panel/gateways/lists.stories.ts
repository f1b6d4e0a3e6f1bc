import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitUntil } from "../../stack/wait-until.ts";
import { colleagues, story } from "./office.ts";

const PEERS = 60;

type Chat = HTMLElement & {
  tenantNames: Record<string, string>;
  client: { send(peerId: string, body: string): void; subscribe(listener: (state: unknown) => void): void; getState(): { outbox: unknown[]; isListed: boolean } };
};

/** Every row that is met while somebody scrolls to the end, in order. */
async function scrollThrough(page: Page, last: string): Promise<string[]> {
  const met = new Set<string>();
  const rows = page.getByTestId("conversation-row");
  await waitUntil("the end of the list", async () => {
    for (const name of await rows.locator(".name").allTextContents()) met.add(name);
    await rows.last().evaluate((row) => row.scrollIntoView());
    return met.has(last);
  });
  return [...met];
}

story("conversations_beyond_the_first_page_come_while_scrolling", async (scene) => {
  const { alice } = await colleagues(scene, ["alice"]);
  const { page } = alice.page;
  const peers = await Promise.all(Array.from({ length: PEERS }, (_, index) => scene.member(alice.account.tenantId as string, `peer ${index}`)));
  // One after the other, so that their order is known: each peer is written to on their own.
  await page.evaluate(async (ids) => {
    const { client } = document.querySelector("realtime-chat") as Chat;
    for (const id of ids) {
      client.send(id, `hello ${id}`);
      while (client.getState().outbox.length > 0) await new Promise((resolve) => client.subscribe(resolve));
    }
  }, peers.map(({ id }) => id));

  await alice.page.reload();
  await page.getByTestId("chat-button").click();
  await page.getByTestId("conversation-row").first().waitFor();
  const met = await scrollThrough(page, "peer 0");
  assert.deepEqual(met, peers.map(({ name }) => name).reverse());
  // The peer of the oldest one is found on a page of its own, and the list stays where it was left.
  const oldest = page.locator(`[data-testid="conversation-row"][data-user-id="${peers[0]?.id}"]`);
  await oldest.click();
  await page.getByTestId("message").filter({ hasText: `hello ${peers[0]?.id}` }).waitFor();
  await page.getByTestId("back").click();
  await oldest.and(page.locator(":focus")).waitFor();
});

story("search_finds_everybody_in_reach_and_nobody_else", async (scene) => {
  const { alice } = await colleagues(scene, ["alice"]);
  const zora = await scene.member(alice.account.tenantId as string, "Zora Never-Online");
  const stranger = await scene.member(await scene.tenant("Globex"), "Zora Elsewhere");
  const staff = await scene.staff("mia who searches");
  const { page: atMia } = await scene.logIn(staff);
  const found = async (page: Page) => {
    await page.getByTestId("chat-button").click();
    await page.getByTestId("search").fill("zORA");
    await page.getByTestId("search-result").first().waitFor();
    return page.getByTestId("search-result").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.userId));
  };
  assert.deepEqual(await found(alice.page.page), [zora.id]);
  assert.equal(await alice.page.page.getByTestId("search-result").locator(".name").textContent(), "Zora Never-Online");
  const ids = await found(atMia.page);
  assert.ok(ids.includes(zora.id) && ids.includes(stranger.id), `staff find ${ids.join()}`);

  // Oneself is nobody to write to.
  await atMia.page.getByTestId("search").fill("who searches");
  await atMia.page.getByTestId("search-results").filter({ hasText: "Nobody found for “\u2068who searches\u2069”" }).waitFor();
  await atMia.page.getByTestId("search").fill("alice");
  await atMia.page.locator(`[data-testid="search-result"][data-user-id="${alice.account.id}"][data-online="true"]`).waitFor();

  await alice.page.page.getByTestId("search-result").click();
  await alice.page.page.getByTestId("peer-presence").filter({ hasText: "Offline" }).waitFor();
  await alice.page.say("for when you come");
});

story("staff_see_tenants_by_name_with_counts_and_filter_by_them", async (scene) => {
  const { alice } = await colleagues(scene, ["alice", "bob"]);
  const globex = await scene.tenant("Globex");
  const dora = await scene.member(globex, "dora");
  await scene.logIn(dora);
  const { page: atMia } = await scene.logIn(await scene.staff("mia"));
  const { page } = atMia;
  const acme = alice.account.tenantId as string;
  await page.evaluate((names) => { (document.querySelector("realtime-chat") as Chat).tenantNames = names; }, { [acme]: "Acme Outdoor", [globex]: "Globex Media" });
  await atMia.untilOnline(dora.id);
  await page.locator(`[data-testid="online-user"][data-user-id="${dora.id}"]`).filter({ hasText: "Globex Media" }).waitFor();
  const filter = page.getByTestId("tenant-filter");
  await filter.locator("option").filter({ hasText: "Acme Outdoor (2)" }).waitFor({ state: "attached" });
  await filter.locator("option").filter({ hasText: "Globex Media (1)" }).waitFor({ state: "attached" });
  await filter.selectOption({ label: "Globex Media (1)" });
  await page.locator(`[data-testid="online-user"][data-user-id="${alice.account.id}"]`).waitFor({ state: "detached" });
  assert.deepEqual(await page.getByTestId("online-user").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.userId)), [dora.id]);
});
