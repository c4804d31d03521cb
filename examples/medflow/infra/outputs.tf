output "cluster" {
  value = aws_ecs_cluster.main.name
}

output "services" {
  value = { for name, service in aws_ecs_service.service : name => service.name }
}

output "task_families" {
  value = { for name, task in aws_ecs_task_definition.task : name => task.family }
}

output "subnets" {
  value = [for subnet in aws_subnet.app : subnet.id]
}

output "migration_security_group" {
  value = aws_security_group.backend.id
}

output "database" {
  value = aws_db_instance.main.identifier
}

output "repositories" {
  value = { for name, repository in aws_ecr_repository.image : name => repository.repository_url }
}

output "alarms" {
  value = [for name in ["errors", "latency", "unhealthy"] : aws_cloudwatch_metric_alarm.alarm[name].alarm_name]
}

output "url" {
  value = "https://${aws_lb.main.dns_name}"
}

output "ci_roles" {
  value = { plan = module.plan_role.arn, deploy = module.deploy_role.arn }
}
