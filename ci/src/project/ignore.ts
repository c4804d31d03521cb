/**
 * What is never sent to the engine: what tools make, and what is not the project's own. The one list, in the
 * syntax of Dagger's `ignore` (.dockerignore's).
 */
export const IGNORE = [
  "**/.git",
  "**/node_modules",
  "**/.slipway",
  "**/coverage",
  "**/.vite",
  "**/.turbo",
  "**/.next",
  "**/__pycache__",
  "**/.terraform",
  "**/*.tsbuildinfo",
  "**/.DS_Store",
]

/** All but the git history. Hooks, index and logs are this checkout's alone, and change without a commit. */
export const HISTORY = [
  "*",
  "!.git",
  ".git/hooks",
  ".git/index",
  ".git/logs",
  ".git/worktrees",
  ".git/*_HEAD",
]
