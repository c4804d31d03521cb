terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "trust" {
  description = "The vendors whose jobs may take the role; see ci-identities."
  type = map(object({
    provider = string
    issuer   = string
    audience = string
    subjects = list(string)
  }))
}

variable "builds" {
  description = "The projects of CodeBuild that may."
  type        = list(string)
  default     = []
}

variable "policy" {
  description = "What it may do, as JSON."
  type        = string
}

variable "managed_policies" {
  type    = list(string)
  default = []
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = var.trust

    content {
      sid     = statement.key
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.value.provider]
      }

      condition {
        test     = "StringEquals"
        variable = "${statement.value.issuer}:aud"
        values   = [statement.value.audience]
      }

      condition {
        test     = "StringLike"
        variable = "${statement.value.issuer}:sub"
        values   = statement.value.subjects
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.builds) > 0 ? [var.builds] : []

    content {
      sid     = "codebuild"
      actions = ["sts:AssumeRole"]

      principals {
        type        = "Service"
        identifiers = ["codebuild.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = statement.value
      }
    }
  }
}

# A role that nobody may take cannot be made: without a vendor there is none.
resource "aws_iam_role" "ci" {
  count = length(var.trust) + length(var.builds) > 0 ? 1 : 0

  name                 = var.name
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 7200
}

resource "aws_iam_role_policy" "ci" {
  count = length(aws_iam_role.ci)

  name   = "ci"
  role   = aws_iam_role.ci[0].id
  policy = var.policy
}

resource "aws_iam_role_policy_attachment" "ci" {
  for_each = toset(length(aws_iam_role.ci) > 0 ? var.managed_policies : [])

  role       = aws_iam_role.ci[0].name
  policy_arn = each.key
}

output "arn" {
  value = one(aws_iam_role.ci[*].arn)
}
