import { demoAccounts, demoPassword, demoTenants } from "./demo-accounts.ts";
import type { SessionUser } from "./sessions.ts";

export type Portal = "manage" | "dashboard" | "dm";

const portalFacts: Record<Portal, { title: string; namespace: string; figures: [string, string][] }> = {
  manage: { title: "Management", namespace: "/manage", figures: [["Tenants", "2"], ["Campaigns live", "11"], ["Open tickets", "3"]] },
  dashboard: { title: "Dashboard", namespace: "/tenant", figures: [["Campaigns live", "4"], ["Opened", "31.4 %"], ["Clicked", "6.2 %"]] },
  dm: { title: "DM Portal", namespace: "/tenant", figures: [["Mailings queued", "2"], ["Printed", "18,400"], ["Returned", "0.7 %"]] },
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
  const { title, namespace, figures } = portalFacts[portal];
  const tenant = demoTenants.find(({ id }) => id === user.tenantId)?.name ?? user.tenantId ?? "Platform staff";
  const cards = figures.map(([label, value]) => `<div class="card figure"><b>${value}</b><span>${label}</span></div>`);
  const notify = portal === "manage"
    ? '<button type="button" id="notify" class="quiet" data-testid="notify-send" title="Push the text as a notification">Notify</button>'
    : "";
  return documentOf(`${title} – Beacon`, `<body data-portal="${portal}" data-namespace="${namespace}" data-user-id="${escapeHtml(user.id)}">
<header>
<strong><span class="mark"></span>Beacon</strong><nav>${linksOf(portal)}</nav>
<span class="who"><span data-testid="self-name">${escapeHtml(user.name)}</span> <small class="muted">${escapeHtml(tenant)}</small></span>
<button type="button" id="logout" class="quiet" data-testid="logout">Log out</button>
</header>
<p id="banner" class="banner" role="alert" hidden></p>
<main>
<div class="figures">${cards.join("")}</div>
<section class="card chat" aria-label="Chat">
<aside>
<p class="state"><span id="dot"></span><span id="connection-state" data-testid="connection-state" role="status">connecting</span></p>
<h2>Online <small id="online-count" class="muted"></small></h2>
<ul id="online-list" data-testid="online-list"></ul>
<button type="button" id="more-online" class="quiet" hidden>Show more</button>
<h2>Everybody</h2>
<ul id="people-list" data-testid="people-list"></ul>
</aside>
<div id="conversation" class="conversation" data-testid="conversation" data-user-id="">
<h2 id="peer-name">Pick somebody to write to</h2>
<button type="button" id="load-earlier" class="quiet" data-testid="load-earlier" hidden>Load earlier</button>
<ol id="messages" role="log" aria-live="polite"></ol>
<form id="composer" hidden>
<input id="message-input" autocomplete="off" placeholder="Write a message" aria-label="Message" data-testid="message-input">
${notify}<button type="submit" data-testid="message-send">Send</button>
</form>
</div>
</section>
</main>
<div id="toasts" aria-live="polite"></div>
<script type="module" src="/portal-chat.js"></script>
</body>`);
}
