/** Runs in k6: asks for each path of PATHS in turn. */
import { check, sleep } from "k6"
import http from "k6/http"

const paths = JSON.parse(__ENV.PATHS)

export default function () {
  for (const path of paths) {
    const answer = http.get(__ENV.BASE_URL + path, { tags: { name: path } })
    check(answer, { "answers without an error": ({ status }) => status < 400 })
  }
  sleep(0.5)
}
