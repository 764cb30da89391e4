import playground.lib.money
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_price_source_and_note'),
        ('usage', '0002_entries_never_change'),
    ]

    operations = [
        migrations.CreateModel(
            name='Repricing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=60, verbose_name='provider')),
                ('model_name', models.CharField(blank=True, max_length=250, verbose_name='model')),
                ('first_day', models.DateField(verbose_name='first day')),
                ('last_day', models.DateField(verbose_name='last day')),
                ('up_to', models.PositiveBigIntegerField()),
                ('input', models.DecimalField(decimal_places=6, max_digits=12, null=True, verbose_name='input')),
                ('cached_input', models.DecimalField(decimal_places=6, max_digits=12, null=True, verbose_name='cached input')),
                ('output', models.DecimalField(decimal_places=6, max_digits=12, null=True, verbose_name='output')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('made_by_name', models.CharField(max_length=150, verbose_name='confirmed by')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='confirmed at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('corrected_runs', models.PositiveBigIntegerField(default=0, verbose_name='corrected runs')),
                ('priced_runs', models.PositiveBigIntegerField(default=0, verbose_name='of these unpriced before')),
                ('difference', playground.lib.money.MoneyField(default=0, verbose_name='difference')),
            ],
            options={
                'verbose_name': 're-pricing',
                'verbose_name_plural': 're-pricings',
                'ordering': ['-made_at', '-pk'],
            },
        ),
        # A unique index with a condition: SQLite adds it without making the table anew, which would lose its trigger.
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'correction')), fields=('corrects',), name='usage_entry_corrected_once'),
        ),
    ]
