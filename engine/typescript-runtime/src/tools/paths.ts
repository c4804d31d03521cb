/** Where things lie in the SDK's root filesystem, and in the containers made from it. */
export const TOOLS = "/sdk/tools"

/** The runtime library without a client, as engine/sdk-content.ts makes it. */
export const LIBRARY_PARTS = "/sdk/lib"

/** Dagger's generator of clients. */
export const CODEGEN = "/sdk/codegen"
/** The npm packages of the SDK. */
export const NODE_MODULES = "/sdk/node_modules"

/** The engine's schema, as a file. */
export const SCHEMA = "/schema.json"

/** What library.ts makes for a schema: `sdk` for editors and the introspector, `app` for calls. */
export const LIBRARY = "/library"

/** What the engine starts: the entry, the library, the module's code and types, V8's cache. */
export const APP = "/app"

/** Where the introspector sees a module's `src`, alone, and beside it the library. */
export const SCANNED = "/src"

/** Where the build sees the module's source folder; a call has it in {@link RUN}. */
export const BUILT = "/module"

/** Where a call sees the module's source folder, below it by its subpath. */
export const RUN = "/src"
