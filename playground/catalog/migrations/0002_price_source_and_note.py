from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='price',
            name='note',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AlterField(
            model_name='price',
            name='source',
            field=models.CharField(choices=[('shipped', 'Shipped with Playground'), ('default', 'Default price list'), ('admin', 'Entered by an admin')], default='admin', max_length=12),
        ),
    ]
