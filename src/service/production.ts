// Imported first by main.ts: Elysia reads NODE_ENV while its module loads, and in development it answers with details
// that are nobody's business. Set by name through Reflect, since the build replaces the usual spelling by a constant.

Reflect.set(process.env, "NODE_ENV", "production");
