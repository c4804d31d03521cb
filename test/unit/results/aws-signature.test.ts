import { expect, test } from "vitest"
import { signedHeaders } from "../../../ci/src/results/aws-signature.js"

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, the first and the second example
const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/"),
  sessionToken: null,
}
const WHEN = { region: "us-east-1", at: new Date("2013-05-24T00:00:00Z") }
const HOST = "https://examplebucket.s3.amazonaws.com"

test("a request without content has the signature of AWS's own example", () => {
  const asked = { method: "GET", url: new URL(`${HOST}/test.txt`), headers: { range: "bytes=0-9" } }
  expect(signedHeaders(asked, CREDENTIALS, WHEN).authorization).toContain(
    "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  )
})

test("a request with content has the signature of AWS's own example", () => {
  const asked = {
    method: "PUT",
    url: new URL(`${HOST}/test%24file.text`),
    headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    body: "Welcome to Amazon S3.",
  }
  expect(signedHeaders(asked, CREDENTIALS, WHEN).authorization).toContain(
    "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  )
})
