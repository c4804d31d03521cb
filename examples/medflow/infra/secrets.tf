module "key_policy" {
  source = "./modules/key-policy"

  account  = var.account
  region   = var.region
  services = ["ecr", "rds", "secretsmanager", "sns"]
}

data "aws_iam_policy_document" "key" {
  source_policy_documents = [module.key_policy.json]

  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values = [for path in ["/ecs/${local.name}", "/medflow/${var.environment}"] :
        "arn:aws:logs:${var.region}:${var.account}:log-group:${path}/*"
      ]
    }
  }

  statement {
    sid       = "Alarms"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    # Not for the alarms of another account.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account]
    }
  }
}

resource "aws_kms_key" "main" {
  description             = "All that ${local.name} keeps"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "main" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.main.key_id
}

# Its value is set by hand, and by who changes the password: it never stands in a plan or a state.
resource "aws_secretsmanager_secret" "database_url" {
  name                    = "${local.name}/database-url"
  description             = "DATABASE_URL of the backend and its migrations"
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = 30
}
