terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "vendors" {
  description = "By vendor, the names that its row of the table asks for."
  type        = map(map(string))

  validation {
    condition = alltrue([for vendor in keys(var.vendors) : contains(
      ["github", "gitlab", "circleci", "azure", "jenkins", "buildkite", "bitbucket", "codebuild"], vendor,
    )])
    error_message = "A vendor is one of github, gitlab, circleci, azure, jenkins, buildkite, bitbucket, codebuild."
  }
}

variable "environment" {
  description = "The environment that jobs must be for, where a vendor's tokens say so."
  type        = string
}

variable "branch" {
  description = "The branch that jobs must be of, where a vendor's tokens know no environment."
  type        = string
  default     = "main"
}

locals {
  sts = "sts.amazonaws.com"
  # Rows of vendors that are not used are made as well, of nothing: they are left out below.
  of = { for vendor in ["github", "gitlab", "circleci", "azure", "jenkins", "buildkite", "bitbucket"] : vendor => lookup(var.vendors, vendor, {}) }
  # What a vendor's row asks for, by vendor and name.
  name = { for vendor, names in local.of : vendor => merge({
    owner           = "", owner_id = "", repository = "", repository_id = "", group = "", project = "", organization = "",
    organization_id = "", connection = "", url = "https://none.invalid", job = "", pipeline = "", workspace = "",
    workspace_id    = "", environment_id = ""
  }, names) }

  # Who issues a vendor's tokens, for whom, and which of its jobs they must be of.
  table = {
    github = {
      issuer   = "token.actions.githubusercontent.com"
      audience = local.sts
      # Repositories that were made or renamed since July 2026 say it with their numbers.
      subjects = [
        "repo:${local.name.github.owner}/${local.name.github.repository}:environment:${var.environment}",
        "repo:${local.name.github.owner}@${local.name.github.owner_id}/${local.name.github.repository}@${local.name.github.repository_id}:environment:${var.environment}",
      ]
    }
    gitlab = {
      issuer   = "gitlab.com"
      audience = local.sts
      subjects = ["project_path:${local.name.gitlab.group}/${local.name.gitlab.project}:ref_type:branch:ref:${var.branch}"]
    }
    circleci = {
      issuer   = "oidc.circleci.com/org/${local.name.circleci.organization_id}"
      audience = local.name.circleci.organization_id
      subjects = ["org/${local.name.circleci.organization_id}/project/${local.name.circleci.project}/user/*/vcs-origin/*/vcs-ref/refs/heads/${var.branch}"]
    }
    azure = {
      issuer   = "vstoken.dev.azure.com/${local.name.azure.organization_id}"
      audience = "api://AzureADTokenExchange"
      subjects = ["sc://${local.name.azure.organization}/${local.name.azure.project}/${local.name.azure.connection}"]
    }
    jenkins = {
      issuer   = "${trimprefix(local.name.jenkins.url, "https://")}/oidc"
      audience = local.sts
      subjects = ["${local.name.jenkins.url}/job/${local.name.jenkins.job}/job/${var.branch}/"]
    }
    buildkite = {
      issuer   = "agent.buildkite.com"
      audience = local.sts
      subjects = ["organization:${local.name.buildkite.organization}:pipeline:${local.name.buildkite.pipeline}:ref:refs/heads/${var.branch}:commit:*:step:*"]
    }
    bitbucket = {
      issuer   = "api.bitbucket.org/2.0/workspaces/${local.name.bitbucket.workspace}/pipelines-config/identity/oidc"
      audience = "ari:cloud:bitbucket::workspace/${local.name.bitbucket.workspace_id}"
      subjects = ["{${local.name.bitbucket.repository_id}}:{${local.name.bitbucket.environment_id}}:*"]
    }
  }

  used = { for vendor, row in local.table : vendor => row if contains(keys(var.vendors), vendor) }
}

resource "aws_iam_openid_connect_provider" "vendor" {
  for_each = local.used

  url            = "https://${each.value.issuer}"
  client_id_list = [each.value.audience]
}

output "trust" {
  description = "By vendor: the provider, and what its tokens must say."
  value = { for vendor, row in local.used : vendor => merge(row, {
    provider = aws_iam_openid_connect_provider.vendor[vendor].arn
  }) }
}

output "builds" {
  description = "Projects of CodeBuild, which has roles for services instead of tokens."
  value       = compact([try(var.vendors.codebuild.project_arn, "")])
}
