/**
 * What is left out of the sources on the way to the engine: what tools make and no one writes, in the syntax of Dagger's
 * `ignore` (.dockerignore's). Dagger reads it from the source text, so that it names no other constant.
 */
export const IGNORE = [
  "**/.git",
  "**/node_modules",
  "**/.slipway",
  "**/.nyc_output",
  "**/coverage/lcov-report",
  "**/coverage/lcov.info",
  "**/coverage/coverage-final.json",
  "**/coverage/coverage-summary.json",
  "**/coverage/clover.xml",
  "**/coverage/cobertura-coverage.xml",
  "**/coverage/.tmp",
  "**/.vite",
  "**/.turbo",
  "**/.next",
  "**/__pycache__",
  "**/.pytest_cache",
  "**/.terraform",
  "**/*.tsbuildinfo",
  "**/.DS_Store",
  "!.slipway-sources/**",
]

/** The folder of sources that the command line chose by git: all that is in it is looked at. */
export const CHOSEN = ".slipway-sources"

/** What is left out where git cannot tell; where it can, of untracked files alone. */
export const GENERATED: readonly string[] = IGNORE.filter((pattern) => !pattern.startsWith("!"))

/**
 * All but the git history. Hooks, index and logs are this checkout's alone, and change without a commit; large files
 * and the histories of submodules are no commits of this repository.
 */
export const HISTORY = [
  "*",
  "!.git",
  ".git/hooks",
  ".git/index",
  ".git/logs",
  ".git/worktrees",
  ".git/modules",
  ".git/lfs",
  ".git/annex",
  ".git/*_HEAD",
]
