/** The seeded logins; also what the login page offers and what other tools print. */
export type DemoAccount = {
  id: string;
  email: string;
  name: string;
  role: "member" | "manage";
  tenantId: string | null;
};

export const demoPassword = "demo";

export const demoTenants = [
  { id: "acme", name: "Acme Outdoor" },
  { id: "globex", name: "Globex Media" },
];

export const demoAccounts: DemoAccount[] = [
  { id: "u_alice", email: "alice@acme.test", name: "Alice Archer", role: "member", tenantId: "acme" },
  { id: "u_bob", email: "bob@acme.test", name: "Bob Brandt", role: "member", tenantId: "acme" },
  { id: "u_erin", email: "erin@acme.test", name: "Erin Ekström", role: "member", tenantId: "acme" },
  { id: "u_carol", email: "carol@globex.test", name: "Carol Conti", role: "member", tenantId: "globex" },
  { id: "u_dave", email: "dave@globex.test", name: "Dave Duarte", role: "member", tenantId: "globex" },
  { id: "u_mia", email: "mia@platform.test", name: "Mia Moreau", role: "manage", tenantId: null },
  { id: "u_max", email: "max@platform.test", name: "Max Mertens", role: "manage", tenantId: null },
];
