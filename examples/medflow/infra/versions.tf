terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # bucket, key, region and kms_key_id: terraform.environments of slipway.yaml.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account]

  default_tags {
    tags = {
      project     = "medflow"
      environment = var.environment
      team        = "clinic-systems"
      cost-center = "4711"
      data-class  = "health"
    }
  }
}

locals {
  name = "medflow-${var.environment}"
}
