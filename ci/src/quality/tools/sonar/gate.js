// Prints what a SonarQube server says of the conditions of a project's quality gate.
const [server, project] = process.argv.slice(2)
const query = new URLSearchParams({ projectKey: project })
// A token is the name of a login without a password: that holds for all versions.
const login = Buffer.from(`${process.env.SONAR_TOKEN}:`).toString("base64")
fetch(`${server.replace(/\/$/, "")}/api/qualitygates/project_status?${query}`, {
  headers: { authorization: `Basic ${login}` },
})
  .then((answer) => answer.text())
  .then((text) => process.stdout.write(text))
