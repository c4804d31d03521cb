terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "account" {
  type = string
}

variable "region" {
  type = string
}

variable "services" {
  description = "The services of AWS that the key is used through, as their host names begin."
  type        = list(string)
}

# In the policy of a key, every resource is the key itself.
data "aws_iam_policy_document" "key" {
  # Who may look after it is for IAM to say. It cannot be used by that: CreateGrant would be a way around.
  statement {
    sid = "Administration"
    actions = [
      "kms:CancelKeyDeletion",
      "kms:CreateAlias",
      "kms:Delete*",
      "kms:Describe*",
      "kms:Disable*",
      "kms:Enable*",
      "kms:Get*",
      "kms:List*",
      "kms:Put*",
      "kms:Revoke*",
      "kms:RotateKeyOnDemand",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:Update*",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account}:root"]
    }
  }

  # Whoever IAM lets, and through the service that keeps the data alone.
  statement {
    sid       = "Use"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in var.services : "${service}.${var.region}.amazonaws.com"]
    }
  }
}

output "json" {
  value = data.aws_iam_policy_document.key.json
}
