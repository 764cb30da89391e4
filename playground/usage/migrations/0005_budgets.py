"""Budgets, their pots and what is held in them."""

import django.core.validators
import django.db.models.deletion
import playground.lib.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('usage', '0004_repricing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(choices=[('person', 'one person'), ('group', 'a group together'), ('key', 'an API key'), ('each', 'every person alone'), ('all', 'everybody together')], max_length=8, verbose_name='for')),
                ('key', models.CharField(blank=True, max_length=80, verbose_name='label of the API key')),
                ('amount', playground.lib.money.MoneyField(help_text='US dollars', verbose_name='amount')),
                ('period', models.CharField(choices=[('day', 'a day'), ('month', 'a month'), ('total', 'in total')], default='month', max_length=8, verbose_name='period')),
                ('warn_percent', models.PositiveSmallIntegerField(default=80, help_text='percent', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='warn at')),
                ('is_blocking', models.BooleanField(default=True, help_text='Off: people are warned, and nothing is refused.', verbose_name='blocks')),
                ('blocks_unpriced', models.BooleanField(default=False, help_text='What a model without a price costs is not known, so this budget does not count it.', verbose_name='blocks unpriced models')),
                ('joined_since', models.DateField(blank=True, help_text='Only for people who joined on this day or later.', null=True, verbose_name='joined since')),
                ('is_enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='BudgetPot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('spent', playground.lib.money.MoneyField(default=0)),
                ('held', playground.lib.money.MoneyField(default=0)),
                ('budget', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pots', to='usage.budget')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.UUIDField()),
                ('amount', playground.lib.money.MoneyField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('pot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='usage.budgetpot')),
            ],
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('key', '')), ('group__isnull', True), ('person__isnull', False), ('scope', 'person')), models.Q(models.Q(('key', '')), ('group__isnull', False), ('person__isnull', True), ('scope', 'group')), models.Q(models.Q(('key', ''), _negated=True), ('group__isnull', True), ('person__isnull', True), ('scope', 'key')), models.Q(models.Q(('key', '')), ('group__isnull', True), ('person__isnull', True), ('scope', 'each')), models.Q(models.Q(('key', '')), ('group__isnull', True), ('person__isnull', True), ('scope', 'all')), _connector='OR'), name='usage_budget_names_whom', violation_error_message='Name the person, the group or the key that it is for, and nobody else.'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('scope', 'each'), ('joined_since', None), _connector='OR'), name='usage_budget_joined_since_each', violation_error_message='“Joined since” is for budgets of every person alone.'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='usage_budget_not_negative', violation_error_message='A budget is no less than nothing.'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(('warn_percent__range', (1, 100))), name='usage_budget_warns_at_a_share', violation_error_message='Warn at 1 to 100 percent.'),
        ),
        migrations.AddIndex(
            model_name='budgetpot',
            index=models.Index(fields=['starts_on', 'person'], name='usage_pot_window'),
        ),
        migrations.AddConstraint(
            model_name='budgetpot',
            constraint=models.UniqueConstraint(fields=('budget', 'person', 'starts_on'), name='usage_pot_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='budgetpot',
            constraint=models.UniqueConstraint(condition=models.Q(('person', None)), fields=('budget', 'starts_on'), name='usage_pot_once_for_all'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('run', 'pot'), name='usage_hold_once'),
        ),
    ]
