import { demoAccounts, demoPassword, demoTenants } from "./demo-accounts.ts";
import type { SessionUser } from "./sessions.ts";

export type Portal = "manage" | "dashboard" | "dm";

type Facts = { title: string; figures: [string, string][]; rows: [string, string, string][] };

const portalFacts: Record<Portal, Facts> = {
  manage: {
    title: "Management",
    figures: [["Tenants", "2"], ["Campaigns live", "11"], ["Open tickets", "3"]],
    rows: [["Acme Outdoor", "Active", "48,210"], ["Globex Media", "Active", "12,904"]],
  },
  dashboard: {
    title: "Dashboard",
    figures: [["Campaigns live", "4"], ["Opened", "31.4 %"], ["Clicked", "6.2 %"]],
    rows: [["Winter sale", "Live", "18,400"], ["New arrivals", "Live", "9,120"], ["Club newsletter", "Scheduled", "6,480"], ["Spring teaser", "Draft", "–"]],
  },
  dm: {
    title: "DM Portal",
    figures: [["Mailings queued", "2"], ["Printed", "18,400"], ["Returned", "0.7 %"]],
    rows: [["Catalogue 2026", "Printing", "18,400"], ["Voucher card", "Queued", "7,250"]],
  },
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function documentOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
${body}
</html>
`;
}

export function loginPage(): string {
  const places = [...demoTenants.map(({ id, name }) => ({ id, name })), { id: null, name: "Platform staff" }];
  const groups = places.map(({ id, name }) => {
    const buttons = demoAccounts
      .filter((account) => account.tenantId === id)
      .map(({ email, name }) => `<button type="button" class="quiet" data-demo-email="${escapeHtml(email)}">${escapeHtml(name)}</button>`);
    return `<h3>${escapeHtml(name)}</h3><div class="accounts">${buttons.join("")}</div>`;
  });
  return documentOf("Log in – Beacon", `<body class="login" data-demo-password="${escapeHtml(demoPassword)}">
<main class="card">
<h1><span class="mark"></span>Beacon</h1>
<p class="muted">Campaigns, mailings and the people behind them.</p>
<form id="login">
<label>E-mail <input name="email" type="email" autocomplete="username" required data-testid="login-email"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required data-testid="login-password"></label>
<p id="login-error" class="error" role="alert" hidden></p>
<button type="submit" data-testid="login-submit">Log in</button>
</form>
<section aria-label="Demo accounts"><h2>Demo accounts</h2>${groups.join("\n")}</section>
</main>
<script type="module" src="/login.js"></script>
</body>`);
}

function linksOf(portal: Portal): string {
  if (portal === "manage") return '<a href="/manage" aria-current="page">Management</a>';
  return (["dashboard", "dm"] as const)
    .map((name) => `<a href="/${name}"${name === portal ? ' aria-current="page"' : ""}>${portalFacts[name].title}</a>`)
    .join("");
}

export function portalPage(portal: Portal, user: SessionUser): string {
  const { title, figures, rows } = portalFacts[portal];
  const tenantNames = Object.fromEntries(demoTenants.map(({ id, name }) => [id, name]));
  const tenant = tenantNames[user.tenantId ?? ""] ?? user.tenantId ?? "Platform staff";
  const cards = figures.map(([label, value]) => `<div class="card figure"><b>${value}</b><span>${label}</span></div>`);
  const lines = rows.map(([name, state, count]) => `<tr><td>${name}</td><td>${state}</td><td>${count}</td></tr>`);
  const notify = portal === "manage"
    ? `<form id="notify" class="card notify"><label>Notify whom you are chatting with <input name="text" required maxlength="1000" data-testid="notify-text"></label>
<button type="submit" data-testid="notify-send">Notify</button></form>`
    : "";
  return documentOf(`${title} – Beacon`, `<body data-portal="${portal}" data-tenant-names="${escapeHtml(JSON.stringify(tenantNames))}">
<header>
<strong><span class="mark"></span>Beacon</strong><nav aria-label="Portals">${linksOf(portal)}</nav>
<span class="who"><span data-testid="self-name">${escapeHtml(user.name)}</span> <small class="muted">${escapeHtml(tenant)}</small></span>
<button type="button" id="logout" class="quiet" data-testid="logout">Log out</button>
</header>
<p id="banner" class="banner" role="alert" hidden></p>
<main>
<h1>${title}</h1>
<div class="figures">${cards.join("")}</div>
<table class="card"><thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Recipients</th></tr></thead><tbody>${lines.join("")}</tbody></table>
${notify}
</main>
<div id="toasts" aria-live="polite"></div>
<script type="module" src="/realtime/panel.js"></script>
<realtime-chat portal="${portal}"></realtime-chat>
<script type="module" src="/portal.js"></script>
</body>`);
}
