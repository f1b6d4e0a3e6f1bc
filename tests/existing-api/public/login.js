const form = document.getElementById("login");
const error = document.getElementById("login-error");

async function logIn(email, password) {
  error.hidden = true;
  const response = await fetch("/api/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (response?.ok) {
    location.assign(answer.user.role === "manage" ? "/manage" : "/dashboard");
    return;
  }
  error.textContent = answer?.message ?? "The server does not answer. Try again later.";
  error.hidden = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void logIn(form.elements.email.value, form.elements.password.value);
});

for (const button of document.querySelectorAll("[data-demo-email]")) {
  button.addEventListener("click", () => void logIn(button.dataset.demoEmail, document.body.dataset.demoPassword));
}
