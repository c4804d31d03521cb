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

data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "Login"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "Images"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:DescribeImageScanFindings",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [for repository in aws_ecr_repository.image : repository.arn]
  }

  # These three know no resource.
  statement {
    sid       = "TaskDefinitions"
    actions   = ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]
    resources = ["*"]
  }

  statement {
    sid = "Services"
    actions = [
      "ecs:DescribeServices",
      "ecs:UpdateService",
      "ecs:ListServiceDeployments",
      "ecs:DescribeServiceDeployments",
      "ecs:DescribeServiceRevisions",
      "ecs:StopServiceDeployment",
    ]
    resources = [for kind in ["service", "service-deployment", "service-revision"] : "arn:aws:ecs:${var.region}:${var.account}:${kind}/${local.name}/*"]
  }

  statement {
    sid       = "Migration"
    actions   = ["ecs:RunTask"]
    resources = ["arn:aws:ecs:${var.region}:${var.account}:task-definition/${local.name}-migration:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.main.arn]
    }
  }

  statement {
    sid       = "Tasks"
    actions   = ["ecs:DescribeTasks", "ecs:StopTask", "ecs:TagResource"]
    resources = ["arn:aws:ecs:${var.region}:${var.account}:task/${local.name}/*"]
  }

  statement {
    sid       = "ListTasks"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.main.arn]
    }
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = concat([aws_iam_role.execution.arn], [for role in aws_iam_role.task : role.arn])

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "Snapshots"
    actions   = ["rds:CreateDBSnapshot", "rds:DescribeDBSnapshots", "rds:DescribeDBInstances", "rds:AddTagsToResource"]
    resources = [aws_db_instance.main.arn, "arn:aws:rds:${var.region}:${var.account}:snapshot:${local.name}-*"]
  }

  statement {
    sid       = "Look"
    actions   = ["cloudwatch:DescribeAlarms", "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTargetGroups"]
    resources = ["*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:GetLogEvents", "logs:FilterLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.task : "${group.arn}:*"]
  }

  # The lease of a deployment, and the ledger of what is live.
  statement {
    sid       = "Lease"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::${var.state_bucket}/deployments/${var.environment}/*"]
  }

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
