import { describe, expect, test } from "vitest"
import { canonicalPurl, packageKey, packageUrl } from "../../../ci/src/formats/purl.js"

const JACKSON = "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9.1"

describe("a scanner's words for a package become its package URL", () => {
  test.each<[kind: string, name: string, version: string | null, purl: string]>([
    ["npm", "lodash", "4.17.20", "pkg:npm/lodash@4.17.20"],
    ["yarn", "@babel/traverse", "7.23.0", "pkg:npm/%40babel/traverse@7.23.0"],
    ["node-pkg", "JSONStream", null, "pkg:npm/jsonstream"],
    ["PyPI", "Flask_Cors", "3.0.9", "pkg:pypi/flask-cors@3.0.9"],
    ["python-pkg", "Django", "3.2.1", "pkg:pypi/django@3.2.1"],
    [
      "Maven",
      "org.apache.logging.log4j:log4j-core",
      "2.14.1",
      "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
    ],
    ["jar", "com.fasterxml.jackson.core:jackson-databind", "2.9.1", JACKSON],
    ["gradle", "com.fasterxml.jackson.core:jackson-databind", "2.9.1", JACKSON],
    ["Go", "golang.org/x/net", "0.7.0", "pkg:golang/golang.org/x/net@v0.7.0"],
    ["gomodules", "github.com/BurntSushi/toml", "v1.2.0", "pkg:golang/github.com/BurntSushi/toml@v1.2.0"],
    ["gobinary", "stdlib", "1.21", "pkg:golang/stdlib@1.21"],
    ["Packagist", "Symfony/Http-Kernel", "v5.4.0", "pkg:composer/symfony/http-kernel@v5.4.0"],
    ["crates.io", "time", "0.1.44", "pkg:cargo/time@0.1.44"],
    ["RubyGems", "actionpack", "6.1.0", "pkg:gem/actionpack@6.1.0"],
    ["NuGet", "Newtonsoft.Json", "12.0.3", "pkg:nuget/Newtonsoft.Json@12.0.3"],
    ["Hex", "Phoenix", "1.6.0", "pkg:hex/phoenix@1.6.0"],
    ["Pub", "http", "0.13.0", "pkg:pub/http@0.13.0"],
    ["GitHub Actions", "tj-actions/changed-files", "45.0.7", "pkg:github/tj-actions/changed-files@45.0.7"],
    [
      "SwiftURL",
      "github.com/apple/swift-nio-http2",
      "1.19.1",
      "pkg:swift/github.com/apple/swift-nio-http2@1.19.1",
    ],
    ["Debian:12", "openssl", "3.0.11-1~deb12u2", "pkg:deb/debian/openssl@3.0.11-1~deb12u2"],
    ["ubuntu", "libc6", "2.35-0ubuntu3.1", "pkg:deb/ubuntu/libc6@2.35-0ubuntu3.1"],
    ["Alpine:v3.18", "busybox", "1.36.1-r2", "pkg:apk/alpine/busybox@1.36.1-r2"],
    ["Rocky Linux:9", "bash", "5.1.8-6.el9_1", "pkg:rpm/rocky/bash@5.1.8-6.el9_1"],
    ["redhat", "zlib", "1.2.11-40.el9", "pkg:rpm/redhat/zlib@1.2.11-40.el9"],
  ])("%s %s %s → %s", (kind, name, version, purl) => {
    expect(packageUrl(kind, name, version)).toBe(purl)
    expect(canonicalPurl(purl)).toBe(purl)
  })

  test("is generic where a type demands more than the scanner says", () => {
    expect(packageUrl("jar", "log4j-core", "2.14.1")).toBe("pkg:generic/log4j-core@2.14.1")
    expect(packageUrl("An unknown kind", "x", null)).toBe("pkg:generic/x")
    expect(packageUrl("npm", "", null)).toBe("pkg:generic/unknown")
  })
})

describe("a package URL is made canonical", () => {
  test.each<[string, string | null]>([
    ["pkg:PyPI/Flask_Cors@3.0.9", "pkg:pypi/flask-cors@3.0.9"],
    ["pkg:npm/@babel/traverse@7.23.0", "pkg:npm/%40babel/traverse@7.23.0"],
    ["pkg:npm/@babel/traverse", "pkg:npm/%40babel/traverse"],
    [
      "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?distro=debian-12.4&arch=amd64",
      "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.4",
    ],
    ["lodash", null],
    ["", null],
    ["pkg:maven/log4j-core@2.14.1", null],
    ["https://example.org/lodash", null],
  ])("%s → %s", (text, purl) => {
    expect(canonicalPurl(text)).toBe(purl)
  })
})

describe("two package URLs mean the same version of a package", () => {
  test.each([
    ["pkg:golang/golang.org/x/net@0.7.0", "pkg:golang/golang.org/x/net@v0.7.0"],
    ["pkg:golang/github.com/burntsushi/toml@v1.2.0", "pkg:golang/github.com/BurntSushi/toml@v1.2.0"],
    ["pkg:pypi/ruamel.yaml@0.17.21", "pkg:pypi/ruamel-yaml@0.17.21"],
    ["pkg:nuget/Newtonsoft.Json@12.0.3", "pkg:nuget/newtonsoft.json@12.0.3"],
    ["pkg:deb/debian/zlib1g@1.2.13?arch=amd64&distro=debian-12.4&epoch=1", "pkg:deb/debian/zlib1g@1:1.2.13"],
    ["pkg:npm/%40scope/name@1.0.0-rc.1%2Bbuild", "pkg:npm/@scope/name@1.0.0-rc.1+build"],
  ])("%s and %s", (one, other) => {
    expect(packageKey(one)).toEqual(packageKey(other))
  })

  test("and of none, by its name alone", () => {
    const { anyVersion } = packageKey("pkg:npm/%40babel/traverse@7.23.0")
    expect(anyVersion).toBe("pkg:npm/%40babel/traverse")
    expect(packageKey("pkg:npm/@babel/traverse").exact).toBe(anyVersion)
    expect(packageKey("pkg:npm/traverse").exact).not.toBe(anyVersion)
  })
})
