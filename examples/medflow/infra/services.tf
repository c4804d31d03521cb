locals {
  images = { for name, repository in aws_ecr_repository.image : name => "${repository.repository_url}:${var.image_tag}" }

  # A task definition each: the two services, and the migration that runs before them as a task of its own.
  tasks = {
    frontend  = { image = "frontend", command = null, port = 8080, secrets = {} }
    backend   = { image = "backend", command = null, port = 3000, secrets = local.database_secrets }
    migration = { image = "backend", command = ["npm", "run", "db:migrate"], port = null, secrets = local.database_secrets }
  }
  database_secrets = { DATABASE_URL = aws_secretsmanager_secret.database_url.arn }
  groups           = { frontend = aws_security_group.frontend.id, backend = aws_security_group.backend.id }
}

resource "aws_ecs_cluster" "main" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}

# The first revision of each family. A deployment registers the others, with images by digest.
resource "aws_ecs_task_definition" "task" {
  for_each = local.tasks

  family                   = "${local.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.services[each.value.image].cpu
  memory                   = var.services[each.value.image].memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task[each.value.image].arn
  skip_destroy             = true

  container_definitions = jsonencode([
    merge(
      {
        name                   = each.key
        image                  = local.images[each.value.image]
        essential              = true
        readonlyRootFilesystem = each.value.image == "backend"
        linuxParameters        = { initProcessEnabled = true }
        environment            = [{ name = "NODE_ENV", value = "production" }]
        secrets                = [for name, arn in each.value.secrets : { name = name, valueFrom = arn }]
        logConfiguration = {
          logDriver = "awslogs"
          options = {
            awslogs-group         = aws_cloudwatch_log_group.task[each.key].name
            awslogs-region        = var.region
            awslogs-stream-prefix = "task"
          }
        }
      },
      each.value.command == null ? {} : { command = each.value.command },
      each.value.port == null ? {} : { portMappings = [{ containerPort = each.value.port, protocol = "tcp" }] },
    )
  ])
}

resource "aws_ecs_service" "service" {
  for_each = local.targets

  name             = each.key
  cluster          = aws_ecs_cluster.main.id
  task_definition  = aws_ecs_task_definition.task[each.key].arn
  desired_count    = var.services[each.key].count
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  propagate_tags   = "SERVICE"

  health_check_grace_period_seconds  = 60
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  # A rolling deployment does not wait for itself here: the deployer does, and knows what it waits for.
  wait_for_steady_state = false

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = [for subnet in aws_subnet.app : subnet.id]
    security_groups  = [local.groups[each.key]]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.service[each.key].arn
    container_name   = each.key
    container_port   = each.value.port

    # What ECS needs to shift traffic; without it AWS refuses canary and blue/green deployments.
    dynamic "advanced_configuration" {
      for_each = each.key == "backend" ? [each.key] : []

      content {
        alternate_target_group_arn = aws_lb_target_group.service["backend-green"].arn
        production_listener_rule   = aws_lb_listener_rule.api.arn
        role_arn                   = aws_iam_role.load_balancing.arn
      }
    }
  }

  # Deployments own what runs and how it is replaced, and scaling owns how often.
  lifecycle {
    ignore_changes = [
      task_definition, desired_count, load_balancer, deployment_configuration, deployment_circuit_breaker, alarms,
      deployment_minimum_healthy_percent, deployment_maximum_percent,
    ]
  }

  depends_on = [aws_lb_listener.https, aws_lb_listener_rule.api, aws_iam_role_policy_attachment.load_balancing]
}
