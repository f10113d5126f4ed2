// Sets NODE_ENV to production; main.ts imports it first. Elysia reads NODE_ENV while its module loads, and in
// development it puts internal details into answers. Set by name through Reflect, because the build replaces the usual
// spelling by a constant.

Reflect.set(process.env, "NODE_ENV", "production");
