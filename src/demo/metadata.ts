// A stand-in for the operator's metadata service: invented names for the numbers of the sample calls.

const CUSTOMERS: { readonly [phone: string]: string } = {
  "375295305942": "Иван Петров",
  "375296254070": "ООО «Ромашка»",
  "375292223344": "Мария Ковалёва",
  "375291110011": "Ольга Серова",
};

const MANAGERS: { readonly [extension: string]: string } = {
  "149": "Сергей Новик",
  "150": "Ольга Лис",
  "151": "Анна Сидорова",
  "152": "Павел Жук",
  "153": "Елена Март",
};

/** Answers as the metadata service does. */
export const demoMetadata = (request: Request): Response => {
  const [kind, , ...rest] = new URL(request.url).pathname.split("/").slice(1);
  if (kind === "customer-name") {
    return Response.json({ name: CUSTOMERS[(rest[0] ?? "").replace("+", "")] ?? null });
  }
  const [what, id = ""] = rest;
  if (what === "manager" && MANAGERS[id] !== undefined) {
    return Response.json({ full_name: MANAGERS[id], exists: true });
  }
  if (what === "line") return Response.json({ name: id === "mts" ? "Городская линия" : null });
  return Response.json({ error: "not found" }, { status: 404 });
};
