import type { Image } from "../run/images.js"

/** Finds vulnerable packages, insecure configuration and licences; writes bills of materials. */
export const TRIVY: Image = { name: "aquasec/trivy", tag: "0.69.3" }
