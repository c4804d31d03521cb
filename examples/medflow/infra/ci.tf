# Two roles for CI: one that looks, for plans and drift, and one that deploys. Applying a plan asks for the rights of
# whoever owns the account: that role is not made by what it makes.

module "ci_identities" {
  source = "./modules/ci-identities"

  vendors     = var.ci
  environment = var.environment
}

data "aws_iam_policy_document" "state" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${var.state_bucket}"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.environment}/*"]
    }
  }

  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${var.state_bucket}/${var.environment}/*"]
  }

  # A plan locks the state while it reads it.
  statement {
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["arn:aws:s3:::${var.state_bucket}/${var.environment}/*.tflock"]
  }

  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.state_key_arn]
  }
}

module "plan_role" {
  source = "./modules/ci-role"

  name             = "${local.name}-plan"
  trust            = module.ci_identities.trust
  builds           = module.ci_identities.builds
  managed_policies = ["arn:aws:iam::aws:policy/SecurityAudit", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
  policy           = data.aws_iam_policy_document.state.json
}

# A rehearsal enforces the same file: see `rolePolicy` in slipway.yaml.
data "aws_iam_policy_document" "deploy" {
  source_policy_documents = [templatefile("${path.module}/policies/deploy.json", {
    account     = var.account
    region      = var.region
    cluster     = local.name
    environment = var.environment
    bucket      = var.state_bucket
    prefix      = "deployments"
  })]

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.state_key_arn, aws_kms_key.main.arn]
  }
}

module "deploy_role" {
  source = "./modules/ci-role"

  name   = "${local.name}-deploy"
  trust  = module.ci_identities.trust
  builds = module.ci_identities.builds
  policy = data.aws_iam_policy_document.deploy.json
}
