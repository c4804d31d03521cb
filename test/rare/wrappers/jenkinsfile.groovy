// Runs a Jenkinsfile as Groovy: every closure runs, each `sh` prints its command. What Jenkins would refuse, this may not.
import org.codehaus.groovy.control.CompilerConfiguration
class Steps {
  def methodMissing(String name, args) {
    if (name == 'sh') println "sh ${args[0]}"
    args.findAll { it instanceof Closure }.each { it.delegate = this; it.resolveStrategy = Closure.DELEGATE_FIRST; it.call() }
    name == 'input' ? 'ada' : name
  }
  def propertyMissing(String name) { name == 'env' ? [BRANCH_NAME: 'main', CHANGE_ID: null] : name }
}
def config = new CompilerConfiguration(scriptBaseClass: DelegatingScript.name)
def script = new GroovyShell(config).parse(new File(args[0]))
script.setDelegate(new Steps())
script.run()
